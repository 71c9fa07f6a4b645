/*
 * The boot sector as it stands on the disk: stage 1's code with the partition table, and the fields mkimage patches in.
 * boot/stage1.asm lays out the same offsets and asserts them.
 */
#ifndef FORMAT_MBR_H
#define FORMAT_MBR_H

#include <stddef.h>
#include <stdint.h>

#define SECTOR_SIZE 512u /* the unit of every LBA in the image, whatever the disk's own block size */

#define MBR_SIGNATURE      0xaa55u
#define MBR_ACTIVE         0x80u
#define MBR_TYPE_CAIRN     0xdau /* "non-file-system data" */
#define MBR_TYPE_FAT32_LBA 0x0cu

struct mbr_partition {
	uint8_t status; /* MBR_ACTIVE or 0 */
	uint8_t chs_first[3];
	uint8_t type;
	uint8_t chs_last[3];
	uint32_t lba_first;
	uint32_t sectors;
} __attribute__((packed));

/* Filled in by mkimage; stage 1 reads nothing else it has not been told. */
struct mbr_patch {
	uint32_t head_lba[2];          /* stage 2's head, copy A and copy B; multiples of 8, below MBR_HEAD_LBA_LIMIT */
	uint32_t head_crc32c_inverted; /* all bits of its CRC32C flipped: saves stage 1 an instruction */
} __attribute__((packed));

#define MBR_HEAD_LBA_LIMIT        65536u /* stage 1 counts in 16 bits: both heads lie in the first 32 MiB */
#define MBR_PATCH_OFFSET          0x28u  /* in the BPB gap (03h..59h), past the fields that BIOSes overwrite */
#define MBR_DISK_SIGNATURE_OFFSET 0x1b8u
#define MBR_PARTITION_OFFSET      0x1beu
#define MBR_CODE_LIMIT            440u

struct mbr {
	uint8_t code[MBR_CODE_LIMIT];
	uint32_t disk_signature;
	uint16_t reserved;
	struct mbr_partition partition[4];
	uint16_t signature;
} __attribute__((packed));

_Static_assert(sizeof(struct mbr_partition) == 16, "partition entry");
_Static_assert(offsetof(struct mbr, disk_signature) == MBR_DISK_SIGNATURE_OFFSET, "disk signature");
_Static_assert(offsetof(struct mbr, partition) == MBR_PARTITION_OFFSET, "partition table");
_Static_assert(sizeof(struct mbr) == SECTOR_SIZE, "boot sector");

#endif
