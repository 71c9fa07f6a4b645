/*
 * What stands on the disk inside Cairn's boot partition, in this order:
 *
 *   header A | stage 2 A | configuration, twice | slot A (kernel) | header B | stage 2 B | slot B (kernel) | modules
 *
 * All LBAs count 512-byte units from the start of the disk and are multiples of IMAGE_BLOCK_SECTORS, so that they can
 * be read from disks with 4096-byte blocks. Numbers are little-endian.
 *
 * A file is stored whole: a module unchanged, a kernel unchanged or packed, as one LZ4 block. In front of its data
 * stands its table: one CRC32C per 4 KiB block of what is stored; the last block is checked over the bytes there are.
 * The header holds the CRC32C of the table and is itself checked, so that every size is inside what is checked before
 * it is believed, and nothing is unpacked that has not passed.
 *
 * Who reads: the first header whose check passes is the one in use, A before B. Who replaces a kernel writes data and
 * table into the slot that is not started, then the header that is not in use (B, unless A is damaged), then the
 * other one, and waits before each step until the one before it is on the disk: at every moment one header is whole,
 * and so is the kernel that is started.
 */
#ifndef FORMAT_IMAGE_H
#define FORMAT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAGIC   0x474d494e52494143ull /* "CAIRNIMG" in memory order */
#define IMAGE_VERSION 3u                    /* 2: no packed kernels, no loaded_crc32c */

#define IMAGE_BLOCK_SIZE    4096u
#define IMAGE_BLOCK_SECTORS 8u
#define IMAGE_START_LBA     2048u /* of the boot partition, and so of header A */

#define IMAGE_HEAD_SIZE     8192u  /* what stage 1 loads and checks of stage 2 */
#define IMAGE_STAGE2_MAX    65536u /* stage 2's file, zero-padded to whole blocks */
#define IMAGE_STAGE2_BLOCKS (IMAGE_STAGE2_MAX / IMAGE_BLOCK_SIZE)
#define IMAGE_SEGMENT_MAX   8u
#define IMAGE_MODULE_MAX    16u
#define IMAGE_NAME_MAX      32u
#define IMAGE_SLOT_COUNT    2u

/* A file in the image. size == 0: there is none. */
struct image_file {
	char name[IMAGE_NAME_MAX]; /* ends in a zero byte */
	uint64_t size;             /* bytes that are stored */
	uint64_t lba;              /* of its first block of data */
	uint64_t table_lba;        /* of its table: (size + 4095) / 4096 entries of uint32_t */
	uint32_t table_crc32c;     /* of those entries */
	uint32_t unpacked_size; /* of the file, if it is packed: more than what is stored. 0: it is stored unchanged */
	uint8_t sha256[32];     /* of the file, unpacked; equal to sha256sum's */
};

enum image_segment_flags {
	IMAGE_SEGMENT_EXECUTE = 1,
	IMAGE_SEGMENT_WRITE = 2,
	IMAGE_SEGMENT_READ = 4
}; /* ELF's PF_X, W, R */

/* A PT_LOAD program header of the kernel. If that is stored unchanged, its checks are table[first_block ..
 * first_block + block_count). */
struct image_segment {
	uint64_t virtual_address;
	uint64_t physical_address; /* used for a fixed kernel only */
	uint64_t file_offset;      /* bytes */
	uint64_t file_size;
	uint64_t memory_size;
	uint32_t flags;       /* enum image_segment_flags */
	uint32_t first_block; /* of the file, unpacked */
	uint32_t block_count;
	uint32_t reserved;
};

enum image_kernel_flags {
	IMAGE_KERNEL_RELOCATABLE =
	        1, /* has PT_DYNAMIC: stage 2 places and relocates it; else it lies at its physical addresses */
};

struct image_kernel {
	struct image_file file;
	uint64_t slot_lba;     /* where the slot begins: its table, then its data */
	uint32_t slot_sectors; /* room of the slot */
	uint32_t flags;        /* enum image_kernel_flags */
	uint64_t entry;        /* virtual address, before any slide */
	uint64_t dynamic;      /* virtual address of the ELF dynamic section, before any slide; 0: none */
	uint32_t segment_count;
	uint32_t loaded_crc32c; /* of the bytes of all segments, one behind the other, as they are before relocation */
	struct image_segment segment[IMAGE_SEGMENT_MAX]; /* ascending, disjoint */
};

struct image_stage2 {
	uint64_t lba[IMAGE_SLOT_COUNT];
	uint32_t size;                        /* bytes, a multiple of IMAGE_BLOCK_SIZE, at most IMAGE_STAGE2_MAX */
	uint32_t file_size;                   /* of these, how many the file has; the others are zeros */
	uint32_t crc32c[IMAGE_STAGE2_BLOCKS]; /* per block, the head's blocks included */
};

struct image_header {
	uint64_t magic;
	uint32_t version;
	uint32_t size;   /* bytes checked: sizeof(struct image_header) */
	uint32_t crc32c; /* over `size` bytes with this field 0 */
	uint32_t disk_signature;
	uint64_t header_lba[IMAGE_SLOT_COUNT];
	uint64_t sectors;    /* of the boot partition */
	uint64_t build_time; /* SOURCE_DATE_EPOCH, seconds since 1970; 0: not given */
	uint32_t preferred_slot;
	uint32_t module_count;

	uint64_t config_lba;     /* of struct image_config */
	uint32_t config_sectors; /* of its copies, one behind the other: two, or one in an old image */
	uint32_t mbr_crc32c;     /* of bytes 0..439 of the boot sector as mkimage wrote them */

	struct image_stage2 stage2;
	struct image_kernel kernel[IMAGE_SLOT_COUNT];
	struct image_file module[IMAGE_MODULE_MAX];
	uint8_t stage2_sha256[32]; /* of stage 2's file: file_size bytes, struct image_stage2_patch not filled in */
	uint8_t reserved[IMAGE_BLOCK_SIZE - 80 - 88 - 2 * 584 - 16 * 96 - 32];
};

/*
 * The configuration, checked by itself so that it can be edited without touching the header: the text that
 * kernel/lib/config.h reads. There are two copies. The first whose check passes is the one in use; who replaces it
 * writes the copy that is not in use (the second, unless the first is damaged), waits until that is on the disk, and
 * then the other one.
 */
#define IMAGE_CONFIG_MAGIC    0x46434e43u /* "CNCF" */
#define IMAGE_CONFIG_TEXT_MAX (IMAGE_BLOCK_SIZE - 16u)
struct image_config {
	uint32_t magic;
	uint32_t size;   /* bytes of text */
	uint32_t crc32c; /* of magic, size, reserved and the text: the struct's first 16 + size bytes with this field 0
	                  */
	uint32_t reserved;
	char text[IMAGE_CONFIG_TEXT_MAX];
};

/*
 * Near the start of stage 2's head, at IMAGE_STAGE2_PATCH_OFFSET: where to find the headers. Filled in by mkimage,
 * covered by the head's check. In the file all but the magic number is 0.
 */
#define IMAGE_STAGE2_MAGIC        0x32534e43u /* "CNS2" */
#define IMAGE_STAGE2_PATCH_OFFSET 8u
struct image_stage2_patch {
	uint32_t magic; /* already in the file: what mkimage knows a stage 2 by */
	uint32_t size;  /* of stage 2 in bytes, padded */
	uint32_t header_lba[IMAGE_SLOT_COUNT];
};

_Static_assert(sizeof(struct image_file) == 96, "file");
_Static_assert(sizeof(struct image_segment) == 56, "segment");
_Static_assert(sizeof(struct image_kernel) == 584, "kernel");
_Static_assert(sizeof(struct image_stage2) == 88, "stage 2");
_Static_assert(offsetof(struct image_header, stage2) == 80, "header");
_Static_assert(sizeof(struct image_header) == IMAGE_BLOCK_SIZE, "header is one block");
_Static_assert(sizeof(struct image_config) == IMAGE_BLOCK_SIZE, "configuration is one block");
_Static_assert(sizeof(struct image_stage2_patch) == 16, "stage 2's patch");

#endif
