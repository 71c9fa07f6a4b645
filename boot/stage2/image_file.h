/* Files of the image: kernels and modules, each with a table of checks. */
#ifndef STAGE2_IMAGE_FILE_H
#define STAGE2_IMAGE_FILE_H

#include <stdbool.h>

#include "boot/boot_info.h"
#include "format/image.h"
#include "verify.h"

/* The same file? Then the blocks of one can stand in for bad ones of the other. */
bool image_file_is_same(const struct image_file *a, const struct image_file *b);

/*
 * Describes a file of slot `slot` for verify_load() and reads its table of checks. `other` is a second copy, or NULL.
 * False when the table is bad in every copy; see verify_complaint.
 */
bool image_file_open(
        struct verify_source *source, const struct image_file *file, const struct image_file *other, unsigned slot);

/*
 * Loads the modules of `wanted` (bit i: header->module[i]); returns their descriptions, *count of them, or NULL if
 * there are none. Ends the boot when one is damaged or does not fit.
 */
const struct boot_module *image_file_load_modules(const struct image_header *header, uint32_t wanted, uint32_t *count);

#endif
