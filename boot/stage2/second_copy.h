/* Whether the disk is large enough for the second copies of everything. */
#ifndef STAGE2_SECOND_COPY_H
#define STAGE2_SECOND_COPY_H

#include <stdbool.h>

#include "format/image.h"

/* True if the disk ends before the second copies do, which is said: what is damaged cannot be mended then. */
bool second_copy_is_cut_off(const struct image_header *header);

#endif
