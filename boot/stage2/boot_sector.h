/* The boot sector: is it still what mkimage wrote? */
#ifndef STAGE2_BOOT_SECTOR_H
#define STAGE2_BOOT_SECTOR_H

#include <stdint.h>

struct image_header;

/* Says in yellow what is not; returns enum boot_mbr_note, or-ed. */
uint8_t boot_sector_check(const struct image_header *header);

#endif
