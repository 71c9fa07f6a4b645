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
	struct module_option module[IMAGE_MODULE_MAX];
	uint32_t module_count;
	bool no_data;
	uint64_t pad;        /* bytes the image has at least */
	uint64_t build_time; /* seconds since 1970, 0: not given */
};

/* ---- mkimage_file.c ---- */

/* A file read whole. */
struct input {
	const char *path;
	uint8_t *data; /* malloc'ed */
	size_t size;   /* at least 1 */
};

/* Fails for what is missing, unreadable, not a regular file, empty or larger than `limit`. The caller frees data. */
void input_read(struct input *input, const char *path, size_t limit);

/* Whether two paths lead to one file that exists. */
bool same_file(const char *a, const char *b);

/* Begins a file beside `path`, which is not touched before output_commit(). One at a time. */
void output_begin(const char *path);

/* Writes at a byte offset; what was never written reads as zeros. */
void output_write(uint64_t offset, const void *data, size_t size);

/* Sets the size, makes the file durable and gives it its name, replacing what had it. */
void output_commit(uint64_t size);

/* ---- mkimage_kernel.c ---- */

/*
 * Fills in what the header says of a kernel, where it lies aside. NULL, or a sentence why the file is no kernel; what
 * image_header_check() refuses is left to it.
 */
const char *kernel_describe(struct image_kernel *kernel, const uint8_t *file, size_t size);

/* ---- mkimage_mbr.c ---- */

/* Fails unless the file is a boot sector with room for what mbr_fill() writes. */
void mbr_check(const struct input *stage1);

/* Writes the whole partition table: the boot partition, then one for data unless it has no sectors. */
void mbr_set_partitions(struct mbr *mbr, uint32_t boot_sectors, uint32_t data_lba, uint32_t data_sectors);

/* Whether the partition's CHS fields say the same as its LBA fields. */
bool mbr_chs_agrees(const struct mbr_partition *partition);

/* ---- mkimage_build.c, mkimage_verify.c ---- */

void image_build(const struct build_options *options);

/* Prints a table of the image's parts with what is wrong with each; returns how many faults there are. */
unsigned image_verify(const char *path);

#endif
