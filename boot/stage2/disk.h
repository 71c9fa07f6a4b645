/*
 * Reads the boot disk through the BIOS (INT 13h): packet calls (EDD 3.0, T13/1572D) where the disk has them, else by
 * cylinder, head and sector. LBAs and counts are in 512-byte units whatever the disk's blocks are; both are multiples
 * of 8, so that disks with 4096-byte blocks can serve them.
 */
#ifndef STAGE2_DISK_H
#define STAGE2_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"

#define DISK_READ_MAX 64u /* sectors in a call of disk_read: what disk_buffer holds */

/* Finds out how to read BIOS disk `number`. */
void disk_open(uint8_t number);

/* Reads `count` <= DISK_READ_MAX sectors to disk_buffer. False when all tries have failed; see disk_last_status. */
bool disk_read(uint64_t lba, uint32_t count);

/* The disk's size in 512-byte units, at most UINT32_MAX of them, once something was read; 0 if the BIOS does not say.
 */
uint32_t disk_sectors(void);

/* Where the last read that failed met its end: the first LBA of a piece of at most 8 sectors. */
uint64_t disk_bad_lba(void);

/* INT 13h status of the last failed call, 0 if none failed. */
uint8_t disk_last_status(void);

/* Fills in how the disk was read, and what was odd. */
void disk_describe(struct boot_drive *drive, struct boot_notes *notes);

#endif
