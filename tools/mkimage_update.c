/*
 * Replaces one kernel of an image and keeps the other. The program may be killed, or the power fail, between any two
 * sectors that it writes: before and after each of them the image starts one of the two kernels. What it writes, in
 * this order, each after what is before it has reached the disk:
 *
 *  1. the kernel and its table, into the slot that no start needs, unless they are there;
 *  2. the header that is not in use;
 *  3. the header that is. Half-written it is no header, and the other one, which says the same, is in use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/image.h"
#include "lib/sha256.h"
#include "mkimage.h"

struct update {
	struct disk disk;
	struct image_state state;
	struct crc32c_table crc;
	struct input kernel;
	bool no_compress;
	struct image_header header; /* as it shall be */
};

/* What is damaged now and not replaced would have no second copy just when it may be needed. */
static void refuse_damage(const struct update *update)
{
	const struct image_state *state = &update->state;

	if (state->header_in_use < 0)
		fail(update->disk.path, "%s", state->fault[PART_HEADER]);
	for (unsigned part = 0; part < PART_COUNT; part++)
		if (state->faults[part] && part != PART_HEADER && part != PART_HEADER + 1 && part != PART_KERNEL &&
		        part != PART_KERNEL + 1)
			fail(update->disk.path, "%s; only kernels and headers can be replaced", state->fault[part]);
	if (state->faults[PART_KERNEL] && state->faults[PART_KERNEL + 1])
		fail(update->disk.path, "both kernels are damaged (%s): there is none to fall back to",
		        state->fault[PART_KERNEL]);
}

/*
 * Is it there already, and whole? So it is when an update was interrupted between the headers and is repeated; and in
 * the other slot when an update is taken back, and that slot may have the only kernel that works.
 */
static bool holds_kernel(const struct update *update, uint32_t slot)
{
	const struct image_file *file = &update->state.header.kernel[slot].file;
	uint8_t digest[SHA256_SIZE];

	sha256(update->kernel.data, update->kernel.size, digest);
	return update->state.faults[PART_KERNEL + slot] == 0 && image_file_size(file) == update->kernel.size &&
	       memcmp(digest, file->sha256, sizeof(digest)) == 0;
}

/*
 * The slot to write to, unless one holds the kernel. The one that starts is left alone, even if it is not the one that
 * should start: the configuration may name another than the preferred one.
 */
static uint32_t choose_slot(const struct update *update)
{
	const struct image_state *state = &update->state;
	uint32_t preferred = state->header.preferred_slot, started = config_slot(&state->config, &state->header);

	if (!state->faults[PART_KERNEL + preferred] && holds_kernel(update, !preferred))
		return !preferred;
	return state->faults[PART_KERNEL + started] ? started : !started;
}

static void describe_kernel(struct update *update, uint32_t slot)
{
	const struct image_kernel *old = &update->header.kernel[slot];
	struct image_kernel kernel;
	uint64_t needed;
	const char *why = kernel_describe(&kernel, update->kernel.data, update->kernel.size);

	if (why)
		fail(update->kernel.path, "%s", why);
	if (!update->no_compress)
		kernel_pack(&kernel, &update->kernel);
	kernel.slot_lba = old->slot_lba;
	kernel.slot_sectors = old->slot_sectors;
	needed = content_place(&kernel.file, &update->kernel, kernel.slot_lba) - kernel.slot_lba;
	if (needed > kernel.slot_sectors)
		fail(update->kernel.path, "is too large: with its checks it takes %llu KiB, slot %c has %u",
		        (unsigned long long)needed / 2, 'A' + (int)slot, kernel.slot_sectors / 2);
	update->header.kernel[slot] = kernel;
}

static void prefer_slot(struct update *update, uint32_t slot)
{
	const char *why;

	update->header.preferred_slot = slot;
	update->header.crc32c = image_header_crc(&update->crc, &update->header);
	why = image_header_check(&update->crc, &update->header);
	if (why)
		fail(update->kernel.path, "%s", why);
}

/* Table and data lie side by side: one piece to write. */
static void write_kernel(struct update *update, uint32_t slot)
{
	struct image_file *file = &update->header.kernel[slot].file;
	size_t table_size = (size_t)image_table_sectors(file->size) * SECTOR_SIZE;
	size_t size = table_size + (size_t)image_data_sectors(file->size) * SECTOR_SIZE;
	uint8_t *area = allocate(size);

	content_fill(&update->crc, file, &update->kernel, area, area + table_size);
	prefer_slot(update, slot); /* which may refuse it, so that nothing is written */
	disk_write(&update->disk, file->table_lba, area, size);
	free(area);
}

static bool header_is_written(const struct update *update, uint32_t slot)
{
	return update->state.faults[PART_HEADER + slot] == 0 &&
	       memcmp(&update->state.header, &update->header, sizeof(update->header)) == 0;
}

static void write_headers(const struct update *update)
{
	uint32_t in_use = (uint32_t)update->state.header_in_use;
	const uint32_t order[IMAGE_SLOT_COUNT] = {!in_use, in_use};

	for (unsigned i = 0; i < IMAGE_SLOT_COUNT; i++)
		if (!header_is_written(update, order[i]))
			disk_write(&update->disk, update->header.header_lba[order[i]], &update->header,
			        sizeof(update->header));
}

void image_update(const char *path, const char *kernel, bool no_compress)
{
	struct update *update = allocate(sizeof(*update));
	uint32_t slot, started;
	bool is_there;

	if (same_file(path, kernel))
		fail(kernel, "is the kernel and the image at once");
	update->no_compress = no_compress;
	input_read(&update->kernel, kernel, KERNEL_SIZE_MAX);
	disk_open(&update->disk, path, true);
	crc32c_table_init(&update->crc);
	image_examine(&update->disk, &update->state);
	refuse_damage(update);
	update->header = update->state.header;
	slot = update->header.preferred_slot;
	is_there = holds_kernel(update, slot);
	if (!is_there) {
		slot = choose_slot(update);
		if (holds_kernel(update, slot)) {
			prefer_slot(update, slot);
		} else {
			describe_kernel(update, slot);
			write_kernel(update, slot);
		}
	}
	write_headers(update);
	printf(is_there ? "slot %c holds this kernel already\n"
	                : "slot %c holds the new kernel, slot %c the one before it\n",
	        'A' + (int)slot, 'A' + (int)!slot);
	started = config_slot(&update->state.config, &update->header);
	if (started != slot)
		printf("the configuration starts the one in slot %c: mkimage config changes that\n",
		        'A' + (int)started);
	disk_close(&update->disk);
	input_free(&update->kernel);
	free(update);
}
