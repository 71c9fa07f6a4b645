/* Puts the kernel into memory: chooses where, loads and checks its segments, relocates it. */
#ifndef STAGE2_KERNEL_IMAGE_H
#define STAGE2_KERNEL_IMAGE_H

#include "boot/boot_info.h"
#include "config.h"
#include "format/image.h"

/*
 * Loads the kernel of the slot that is to be started, or of the other one when that fails. Fills in `kernel` (all but
 * the stack and page table), returns the slot's description and its number in *slot. Ends the boot when neither slot
 * holds a kernel that can be loaded.
 */
const struct image_kernel *kernel_image_load(
        const struct image_header *header, const struct start *start, struct boot_kernel *kernel, uint8_t *slot);

/* Where a segment's first byte lies, in a kernel loaded to `physical`. */
uint32_t kernel_image_place(const struct image_kernel *image, const struct image_segment *segment, uint32_t physical);

#endif
