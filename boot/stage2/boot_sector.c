/*
 * Two copies are looked at. The one on the disk tells of the disk's health: its CRC32C stands in the image header. The
 * one in memory is what ran; some of its bytes are other people's (docs/boot-sector.md), so it is compared with the
 * disk's, where that one is right.
 */
#include "boot_sector.h"

#include "bios.h"
#include "boot/boot_info.h"
#include "console.h"
#include "disk.h"
#include "format/image.h"
#include "format/mbr.h"
#include "layout.h"
#include "lib/string.h"
#include "verify.h"

#define STAGE1_ADDRESS 0x7c00u
#define PARAMETERS     0x03u /* BIOSes that see a floppy write here, in memory: up to MBR_PATCH_OFFSET */
#define TIMESTAMP      0xdau /* Windows 95 writes here, on the disk; mkimage wrote zeros */
#define TIMESTAMP_SIZE 6u

static bool is_ours(unsigned offset)
{
	bool parameters = offset >= PARAMETERS && offset < MBR_PATCH_OFFSET;
	bool timestamp = offset >= TIMESTAMP && offset < TIMESTAMP + TIMESTAMP_SIZE;
	return !parameters && !timestamp;
}

uint8_t boot_sector_check(const struct image_header *header)
{
	if (!disk_read(0, IMAGE_BLOCK_SECTORS)) {
		console_print(CONSOLE_NOTE, "Boot sector: LBA 0 cannot be read any more (INT 13h status %02x)\n",
		        disk_last_status());
		return BOOT_MBR_DISK_DAMAGED;
	}
	memset(disk_buffer + TIMESTAMP, 0, TIMESTAMP_SIZE);
	if (verify_checksum(disk_buffer, MBR_CODE_LIMIT) != header->mbr_crc32c) {
		console_print(CONSOLE_NOTE, "Boot sector: on the disk (LBA 0) it is not what mkimage wrote\n");
		return BOOT_MBR_DISK_DAMAGED;
	}
	for (unsigned i = 0; i < MBR_CODE_LIMIT; i++) {
		uint8_t wrote = disk_buffer[i], ran = low_read8(STAGE1_ADDRESS + i);
		if (is_ours(i) && wrote != ran) {
			console_print(CONSOLE_NOTE, "Boot sector: in memory byte %03xh is %02x, on the disk %02x\n", i,
			        ran, wrote);
			return BOOT_MBR_MEMORY_CHANGED;
		}
	}
	return 0;
}
