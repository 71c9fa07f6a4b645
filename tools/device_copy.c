/*
 * Writes an image to a disk and reads it back. So that a disk that is not whole starts nothing, its first block, which
 * holds the boot sector, is zeros until all else is known to be right:
 *
 *  1. the first block becomes zeros; should the image's first block change by that, it lies on this very disk (a loop
 *     device of the image's file, say), and all is put back; what is left of another system's GPT at the end becomes
 *     zeros, too;
 *  2. all but the first block is written, then read and compared;
 *  3. the first block is written, then read and compared.
 */
#include "device.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mkimage.h"

#define CHUNK MIB
#define FIRST 4096u /* bytes; the largest block of a disk that a BIOS can start from */

/* The GPT's second copy: its entries, then its header in the disk's last block (UEFI 2.10, 5.3.1). */
#define GPT_SIGNATURE "EFI PART"
#define GPT_ENTRIES   16384u

static const char lost[] = "what was on it is lost and nothing starts from it now: write it again";

struct copy {
	const struct disk *target, *image;
	const struct device *device;
	uint8_t *first;          /* the image's first FIRST bytes */
	uint8_t *wanted, *found; /* CHUNK bytes each; like `first` where O_DIRECT takes them */
	const char *left_behind; /* by a failure: what is on the disk */
};

/* ---- giving up ---- */

static volatile sig_atomic_t is_interrupted;

static void interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

static _Noreturn void stop(const struct copy *copy, const char *doing, uint64_t offset, const char *why)
{
	progress_end();
	fail(copy->target->path, "%s stopped at byte %llu: %s; %s", doing, (unsigned long long)offset, why,
	        copy->left_behind);
}

static void stop_if_interrupted(const struct copy *copy, const char *doing, uint64_t offset)
{
	if (is_interrupted)
		stop(copy, doing, offset, "interrupted");
}

/* ---- bytes ---- */

static void write_bytes(const struct copy *copy, uint64_t offset, const uint8_t *bytes, size_t size)
{
	const char *why = bytes_write(copy->target->file, &offset, bytes, size);

	if (why)
		stop(copy, "writing", offset, why);
}

static void reach_disk(const struct copy *copy, uint64_t offset)
{
	if (fsync(copy->target->file) != 0)
		stop(copy, "writing", offset, strerror(errno));
}

static void read_image(const struct copy *copy, uint64_t offset, uint8_t *bytes, size_t size)
{
	const char *why = disk_read(copy->image, offset, bytes, size);

	if (why) {
		progress_end();
		fail(copy->image->path, "%s; %s: %s", why, copy->target->path, copy->left_behind);
	}
}

/* What shall stand there; of the first block, which comes last, zeros. */
static void read_wanted(const struct copy *copy, uint64_t offset, size_t size)
{
	read_image(copy, offset, copy->wanted, size);
	if (offset == 0)
		memset(copy->wanted, 0, FIRST);
}

static void compare(const struct copy *copy, uint64_t offset, size_t size)
{
	static const char reading[] = "reading back";
	const char *why = disk_read(copy->target, offset, copy->found, size);
	char difference[100];
	size_t i = 0;

	if (why)
		stop(copy, reading, offset, why);
	if (memcmp(copy->found, copy->wanted, size) == 0)
		return;
	while (copy->found[i] == copy->wanted[i])
		i++;
	snprintf(difference, sizeof(difference), "%02X is there, %02X was written (broken, or smaller than it claims)",
	        copy->found[i], copy->wanted[i]);
	stop(copy, reading, offset + i, difference);
}

/* ---- steps ---- */

static void hide_first(const struct copy *copy)
{
	read_image(copy, 0, copy->first, FIRST);
	memset(copy->wanted, 0, FIRST);
	write_bytes(copy, 0, copy->wanted, FIRST);
	reach_disk(copy, 0);
	read_image(copy, 0, copy->found, FIRST);
	if (memcmp(copy->found, copy->first, FIRST) == 0)
		return;
	write_bytes(copy, 0, copy->first, FIRST);
	reach_disk(copy, 0);
	fail(copy->target->path, "is the disk that the image is on");
}

/* Whether there was one. Where the image will be nothing needs to be removed. */
static bool remove_gpt(const struct copy *copy)
{
	uint32_t block = copy->device->block_size;
	uint64_t header = copy->device->size - block, start = header - GPT_ENTRIES;
	const char *why;

	if (header < copy->image->size)
		return false;
	why = disk_read(copy->target, header, copy->found, block);
	if (why)
		stop(copy, "reading", header, why);
	if (memcmp(copy->found, GPT_SIGNATURE, strlen(GPT_SIGNATURE)) != 0)
		return false;
	if (start < copy->image->size)
		start = copy->image->size;
	memset(copy->wanted, 0, CHUNK);
	write_bytes(copy, start, copy->wanted, (size_t)(header + block - start));
	return true;
}

static void write_all(const struct copy *copy)
{
	uint64_t size = copy->image->size;

	progress_begin("writing", size);
	for (uint64_t offset = 0; offset < size; offset += CHUNK) {
		size_t part = size - offset < CHUNK ? (size_t)(size - offset) : CHUNK;

		stop_if_interrupted(copy, "writing", offset);
		read_wanted(copy, offset, part);
		write_bytes(copy, offset, copy->wanted, part);
		progress_show(offset + part);
	}
	reach_disk(copy, size);
	progress_end();
}

static void compare_all(const struct copy *copy)
{
	uint64_t size = copy->image->size;

	device_forget(copy->target, copy->device);
	progress_begin("reading back", size);
	for (uint64_t offset = 0; offset < size; offset += CHUNK) {
		size_t part = size - offset < CHUNK ? (size_t)(size - offset) : CHUNK;

		stop_if_interrupted(copy, "reading back", offset);
		read_wanted(copy, offset, part);
		compare(copy, offset, part);
		progress_show(offset + part);
	}
	progress_end();
}

static void write_first(const struct copy *copy)
{
	memcpy(copy->wanted, copy->first, FIRST);
	write_bytes(copy, 0, copy->wanted, FIRST);
	reach_disk(copy, 0);
	device_forget(copy->target, copy->device);
	compare(copy, 0, FIRST);
}

static uint8_t *aligned(size_t size)
{
	void *memory;

	if (posix_memalign(&memory, FIRST, size) != 0)
		fail(NULL, "not enough memory for %zu bytes", size);
	return memory;
}

bool device_copy(const struct disk *target, const struct device *device, const struct disk *image)
{
	struct copy copy = {.target = target, .device = device, .image = image};
	bool had_gpt;

	copy.first = aligned(FIRST);
	copy.wanted = aligned(CHUNK);
	copy.found = aligned(CHUNK);
	signals_catch(interrupt, 0); /* from here on a signal is no reason to end in silence */
	signal(SIGPIPE, SIG_IGN);
	copy.left_behind = "its first block may be damaged, nothing else was touched";
	hide_first(&copy);
	copy.left_behind = lost;
	had_gpt = remove_gpt(&copy);
	write_all(&copy);
	compare_all(&copy);
	copy.left_behind = "all but its first block is right, so do not rely on it: write it again";
	write_first(&copy);
	free(copy.first);
	free(copy.wanted);
	free(copy.found);
	return had_gpt;
}
