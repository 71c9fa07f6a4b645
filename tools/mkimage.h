/*
 * What the files of mkimage share: input and output files, a kernel's description, the boot sector, building,
 * verifying.
 *
 * Any function may end the program: fail() says why, naming the file, and leaves no half-written output behind.
 */
#ifndef MKIMAGE_H
#define MKIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/image.h"
#include "format/mbr.h"
#include "lib/config.h"
#include "lib/crc32c.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "structs are written to the image as they lie in memory");

#define MIB (1024u * 1024u)

/* What fits is decided here; the format itself allows more. */
#define KERNEL_SIZE_MAX   (30 * MIB)
#define KERNEL_MEMORY_MAX (1024 * MIB)
#define MODULE_SIZE_MAX   (1024 * MIB)

/* ---- mkimage_fail.c ---- */

/* Prints `mkimage: FILE: reason`, or without the file when it is NULL, and exits with status 1. */
_Noreturn void fail(const char *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Has SIGHUP, SIGINT and SIGTERM handled, each unless whoever started the program ignores it, as nohup does. */
void signals_catch(void (*handler)(int number), int flags);

/* calloc that does not return NULL. */
void *allocate(size_t size);

/* ---- mkimage.c ---- */

struct module_option {
	const char *path;
	char name[IMAGE_NAME_MAX];
};

struct build_options {
	const char *output, *stage1, *stage2, *kernel;
	const char *cmdline; /* "" when none was given */
	const char *config;  /* NULL: the command line is all of it */
	struct module_option module[IMAGE_MODULE_MAX];
	uint32_t module_count;
	bool no_data;
	bool no_compress;    /* the kernel is stored unchanged, however well it packs */
	uint64_t pad;        /* bytes the image has at least */
	uint64_t build_time; /* seconds since 1970, 0: not given */
};

/* ---- mkimage_file.c ---- */

/* A file read whole. */
struct input {
	const char *path;
	uint8_t *data; /* malloc'ed */
	size_t size;   /* at least 1 */
	uint8_t *packed;
	size_t packed_size; /* 0: it is stored unchanged */
};

/* Fails for what is missing, unreadable, not a regular file, empty or larger than `limit`. */
void input_read(struct input *input, const char *path, size_t limit);

void input_free(struct input *input);

/* Whether two paths lead to one file that exists. */
bool same_file(const char *a, const char *b);

/*
 * NULL when all bytes are written at the offset, or why not; *offset is then where that is. The kernel may take fewer
 * bytes than it is given, and none where there is no more room.
 */
const char *bytes_write(int file, uint64_t *offset, const void *data, size_t size);

/* Begins a file beside `path`, which is not touched before output_commit(). One at a time. */
void output_begin(const char *path);

/* Writes at a byte offset; what was never written reads as zeros. */
void output_write(uint64_t offset, const void *data, size_t size);

/* Sets the size, makes the file durable and gives it its name, replacing what had it. */
void output_commit(uint64_t size);

/* ---- mkimage_disk.c ---- */

/* An image that is there already: a file, or a disk. */
struct disk {
	const char *path;
	int file;
	uint64_t size; /* bytes */
};

/* Fails for what is missing, no file and no disk, or too short; and, opened to be written, when others have it open. */
void disk_open(struct disk *disk, const char *path, bool to_write);

/* Fails when others have it open to write to it. */
void disk_lock(const struct disk *disk);

/* NULL, or why the bytes could not be read. */
const char *disk_read(const struct disk *disk, uint64_t offset, void *data, size_t size);

/* Returns when the bytes are on the disk. */
void disk_write(const struct disk *disk, uint64_t lba, const void *data, size_t size);

void disk_close(const struct disk *disk);

/* ---- mkimage_content.c ---- */

/* Says where a file lies from `lba` on; returns the LBA behind it. */
uint64_t content_place(struct image_file *file, const struct input *input, uint64_t lba);

/* Fills in the checks of a file that was placed, and what goes to its table and its data, which are zeroed. */
void content_fill(
        const struct crc32c_table *crc, struct image_file *file, const struct input *input, void *table, void *data);

/* ---- mkimage_kernel.c ---- */

/*
 * Fills in what the header says of a kernel, where it lies aside. NULL, or a sentence why the file is no kernel; what
 * image_header_check() refuses is left to it.
 */
const char *kernel_describe(struct image_kernel *kernel, const uint8_t *file, size_t size);

/* Packs a kernel that was described, if less is to be read of it then. */
void kernel_pack(const struct image_kernel *kernel, struct input *input);

/* ---- mkimage_pack.c ---- */

/* Makes an LZ4 block of the bytes, which the caller frees; returns its size. */
size_t pack(const uint8_t *data, size_t size, uint8_t **block);

/* ---- mkimage_mbr.c ---- */

/* Fails unless the file is a boot sector with room for what mbr_fill() writes. */
void mbr_check(const struct input *stage1);

/* Writes the whole partition table: the boot partition, then one for data unless it has no sectors. */
void mbr_set_partitions(struct mbr *mbr, uint32_t boot_sectors, uint32_t data_lba, uint32_t data_sectors);

/* Whether the partition's CHS fields say the same as its LBA fields. */
bool mbr_chs_agrees(const struct mbr_partition *partition);

/* ---- mkimage_build.c, mkimage_update.c ---- */

void image_build(const struct build_options *options);

/* Puts another kernel into the slot that the image does not start from, and makes it the one it starts from. */
void image_update(const char *path, const char *kernel, bool no_compress);

/* ---- mkimage_config.c ---- */

/* Makes a configuration of a text that fits. */
void config_fill(struct image_config *config, const char *text, size_t size);

/* Whether there is a mistake in the text; it is then said, after the line's number. */
bool config_says(char sentence[CONFIG_SENTENCE_MAX], const char *text, size_t size, const struct image_header *header);

/* Makes one of a file ("-": standard input); fails if it does not suit the image with this header. */
void config_from_file(struct image_config *config, const char *path, const struct image_header *header);

/* The slot whose kernel is tried first when nobody chooses. */
uint32_t config_slot(const struct image_config *config, const struct image_header *header);

/* Replaces the configuration by what is in the file ("-": standard input); without one it is edited, or printed. */
void image_config(const char *path, const char *file);

/* ---- mkimage_write.c, device_list.c ---- */

struct write_options {
	const char *image, *target;
	bool is_file;     /* the target is no disk */
	bool force_fixed; /* also to a disk that may be built in */
	bool yes;         /* nothing is asked */
};

/* Puts the image on a disk, if that may be done and is wanted, and reads it back. */
void image_write(const struct write_options *options);

/* Prints the disks of this machine, and of each whether the image would be written to it. */
void device_list(const char *image);

/* ---- mkimage_print.c ---- */

/* What the boot sector, a good header and, if it is not NULL, the configuration say. */
void print_contents(const struct mbr *mbr, const struct image_header *header, const struct image_config *config);

/* ---- mkimage_verify.c ---- */

/* Parts of which there are two have two numbers. */
enum image_part {
	PART_BOOT_SECTOR,
	PART_HEADER,
	PART_STAGE2 = PART_HEADER + IMAGE_SLOT_COUNT,
	PART_KERNEL = PART_STAGE2 + IMAGE_SLOT_COUNT,
	PART_CONFIG = PART_KERNEL + IMAGE_SLOT_COUNT,
	PART_MODULES = PART_CONFIG + IMAGE_SLOT_COUNT,
	PART_COUNT,
};

struct image_state {
	struct image_header header; /* the one in use */
	int header_in_use;          /* 0 or 1; -1: neither is whole */
	struct image_config config; /* the first whole copy, as the loader takes it; all zeros if there is none */
	unsigned faults[PART_COUNT];
	char fault[PART_COUNT][192]; /* the first one of each part */
};

/* Checks everything and prints nothing. */
void image_examine(const struct disk *disk, struct image_state *state);

/* Prints a table of the image's parts with what is wrong with each; returns how many faults there are. */
unsigned image_verify(const char *path);

#endif
