/*
 * What few starts need, menu, post-mortem and SHA-256, lies in stage 2's file behind the rest (stage2.ld says what),
 * and is loaded by who needs it: the others do not wait for it.
 */
#ifndef STAGE2_EXTRA_H
#define STAGE2_EXTRA_H

#include <stdbool.h>

#include "format/image.h"

/* Where it is loaded from; `copy` is the copy of stage 2 that runs. */
void extra_init(const struct image_header *header, unsigned copy);

/* To be called before anything of it is used. It goes through the disk buffer. False: no copy is whole, see
 * verify_complaint. */
bool extra_load(void);

#endif
