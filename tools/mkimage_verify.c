/*
 * Reads an image back and checks every part of it against what the header and the boot sector say. Believes nothing:
 * sizes are used only after the check that covers them.
 */
#include "mkimage.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/image.h"
#include "lib/lz4.h"
#include "lib/sha256.h"

#define NOTES_SHOWN 4u /* of one part: a wiped slot has thousands */

struct found_header {
	uint64_t lba;
	struct image_header *header; /* NULL: it cannot be read */
	const char *why;             /* it is refused; NULL: it is good */
};

struct verifier {
	const struct disk *disk;
	struct image_state *state;
	bool quiet;
	int name_width;
	struct crc32c_table crc;
	struct mbr mbr;
	struct found_header found[IMAGE_SLOT_COUNT];
	const struct image_header *header; /* the first good one, or NULL */
	char note[NOTES_SHOWN][160];
	unsigned notes; /* faults of the part in hand */
};

/* ---- the report ---- */

static void note(struct verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct verifier *v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (v->notes < NOTES_SHOWN)
		vsnprintf(v->note[v->notes], sizeof(v->note[0]), format, args);
	v->notes++;
	va_end(args);
}

static void print_notes(const struct verifier *v)
{
	for (unsigned i = 0; i < v->notes && i < NOTES_SHOWN; i++)
		printf("    %s\n", v->note[i]);
	if (v->notes > NOTES_SHOWN)
		printf("    and %u more\n", v->notes - NOTES_SHOWN);
}

/* Of the longest name a part has. */
static int name_width(const struct image_header *header)
{
	size_t width = strlen("configuration A");

	for (uint32_t i = 0; header && i < header->module_count; i++)
		if (width < strlen("module ") + strlen(header->module[i].name))
			width = strlen("module ") + strlen(header->module[i].name);
	return (int)width;
}

static void print_heading(const struct verifier *v)
{
	printf("%-*s %10s %8s %11s  %-8s  %s\n", v->name_width, "part", "lba", "sectors", "bytes", "crc32c", "state");
}

static void print_part(
        const struct verifier *v, const char *name, uint64_t lba, uint64_t sectors, uint64_t bytes, uint32_t crc)
{
	if (v->quiet)
		return;
	printf("%-*s %10" PRIu64 " %8" PRIu64 " %11" PRIu64 "  %08" PRIx32 "  %s\n", v->name_width, name, lba, sectors,
	        bytes, crc, v->notes ? "WRONG" : "good");
	print_notes(v);
}

/* Ends a part: its line, with what was noted of it, is printed; how many faults it has is kept, and the first one. */
static void end_part(struct verifier *v, enum image_part part, const char *name, uint64_t lba, uint64_t sectors,
        uint64_t bytes, uint32_t crc)
{
	struct image_state *state = v->state;

	print_part(v, name, lba, sectors, bytes, crc);
	if (v->notes && state->faults[part] == 0)
		snprintf(state->fault[part], sizeof(state->fault[part]), "%s: %s", name, v->note[0]);
	state->faults[part] += v->notes;
	v->notes = 0;
}

static const char *slot_name(char buffer[32], const char *part, uint32_t slot)
{
	snprintf(buffer, 32, "%s %c", part, 'A' + (int)slot);
	return buffer;
}

/* ---- reading ---- */

/* The bytes at an LBA, to be freed; NULL, and noted, when the image does not have them. */
static void *load(struct verifier *v, uint64_t lba, uint64_t size)
{
	uint64_t offset = lba * SECTOR_SIZE;
	const char *why;
	void *data;

	if (lba > v->disk->size / SECTOR_SIZE || size > v->disk->size - offset) {
		note(v, "the image ends before LBA %" PRIu64 " + %" PRIu64 " bytes", lba, size);
		return NULL;
	}
	data = allocate((size_t)size);
	why = disk_read(v->disk, offset, data, (size_t)size);
	if (!why)
		return data;
	note(v, "cannot be read: %s", why);
	free(data);
	return NULL;
}

/* Notes each block whose check value is not the table's. */
static void check_blocks(struct verifier *v, const uint8_t *data, uint64_t size, uint64_t lba, const uint32_t *table)
{
	for (uint64_t i = 0; i < image_block_count(size); i++) {
		uint64_t from = i * IMAGE_BLOCK_SIZE;
		uint64_t length = size - from < IMAGE_BLOCK_SIZE ? size - from : IMAGE_BLOCK_SIZE;
		uint32_t crc = crc32c(&v->crc, 0, data + from, (size_t)length);

		if (crc != table[i])
			note(v, "block %" PRIu64 " at LBA %" PRIu64 ": crc32c is %08" PRIx32 ", should be %08" PRIx32,
			        i, lba + i * IMAGE_BLOCK_SECTORS, crc, table[i]);
	}
}

/* ---- the parts ---- */

static void verify_header(struct verifier *v, uint32_t slot)
{
	const struct found_header *found = &v->found[slot];
	char name[32];

	if (found->why)
		note(v, "%s", found->why);
	else if (found->header->header_lba[slot] != found->lba)
		note(v, "says that it lies at LBA %" PRIu64, found->header->header_lba[slot]);
	else if (memcmp(found->header, v->header, sizeof(*v->header)) != 0)
		note(v, "differs from header A: an update did not come to its end");
	end_part(v, PART_HEADER + slot, slot_name(name, "header", slot), found->lba, IMAGE_BLOCK_SECTORS,
	        sizeof(*found->header), found->header ? found->header->crc32c : 0);
}

static void check_partition(struct verifier *v, unsigned number, uint64_t first_free)
{
	const struct mbr_partition *partition = &v->mbr.partition[number];
	uint64_t end = (uint64_t)partition->lba_first + partition->sectors;

	if (partition->sectors == 0 || partition->lba_first < first_free)
		note(v, "partition %u is empty or overlaps what lies before it", number + 1);
	if (end > v->disk->size / SECTOR_SIZE)
		note(v, "partition %u ends at LBA %" PRIu64 ", past the end of the image", number + 1, end);
	if (!mbr_chs_agrees(partition))
		note(v, "partition %u: cylinder, head and sector disagree with the LBA", number + 1);
}

static void check_partitions(struct verifier *v)
{
	static const struct mbr_partition none;
	const struct mbr_partition *boot = &v->mbr.partition[0], *data = &v->mbr.partition[1];

	if (boot->status != MBR_ACTIVE || boot->type != MBR_TYPE_CAIRN || boot->lba_first != IMAGE_START_LBA)
		note(v, "partition 1 is not an active one of type DAh at LBA %u", IMAGE_START_LBA);
	check_partition(v, 0, IMAGE_START_LBA);
	if (memcmp(data, &none, sizeof(none)) != 0) {
		if (data->status != 0 || data->type != MBR_TYPE_FAT32_LBA)
			note(v, "partition 2 is not an inactive one of type 0Ch");
		check_partition(v, 1, (uint64_t)boot->lba_first + boot->sectors);
	}
	for (unsigned i = 2; i < 4; i++)
		if (memcmp(&v->mbr.partition[i], &none, sizeof(none)) != 0)
			note(v, "partition %u is in use", i + 1);
}

static void verify_mbr(struct verifier *v)
{
	const struct image_header *header = v->header;
	uint32_t crc = crc32c(&v->crc, 0, v->mbr.code, sizeof(v->mbr.code));
	struct mbr_patch patch;

	memcpy(&patch, v->mbr.code + MBR_PATCH_OFFSET, sizeof(patch));
	if (v->mbr.signature != MBR_SIGNATURE)
		note(v, "does not end in 55 AA");
	check_partitions(v);
	if (header) {
		if (crc != header->mbr_crc32c)
			note(v, "code: crc32c is %08" PRIx32 ", should be %08" PRIx32, crc, header->mbr_crc32c);
		if (v->mbr.disk_signature != header->disk_signature || v->mbr.reserved != 0)
			note(v, "the disk signature is not the header's, %08" PRIx32, header->disk_signature);
		if (v->mbr.partition[0].sectors != header->sectors)
			note(v, "partition 1 has not the header's %" PRIu64 " sectors", header->sectors);
		for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++)
			if (patch.head_lba[slot] != header->stage2.lba[slot])
				note(v, "looks for stage 2 %c at LBA %" PRIu32, 'A' + (int)slot, patch.head_lba[slot]);
	}
	end_part(v, PART_BOOT_SECTOR, "boot sector", 0, 1, SECTOR_SIZE, crc);
}

/* The hash is of the file, which mkimage had before it filled in where the headers are. */
static void check_stage2_hash(struct verifier *v, uint8_t *data)
{
	const struct image_stage2_patch none = {.magic = IMAGE_STAGE2_MAGIC};
	uint8_t digest[SHA256_SIZE];

	memcpy(data + IMAGE_STAGE2_PATCH_OFFSET, &none, sizeof(none));
	sha256(data, v->header->stage2.file_size, digest);
	if (memcmp(digest, v->header->stage2_sha256, sizeof(digest)) != 0)
		note(v, "sha256 is not the header's");
}

static void verify_stage2(struct verifier *v, uint32_t slot)
{
	const struct image_stage2 *stage2 = &v->header->stage2;
	uint8_t *data = load(v, stage2->lba[slot], stage2->size);
	struct image_stage2_patch found, right = {.magic = IMAGE_STAGE2_MAGIC, .size = stage2->size};
	struct mbr_patch mbr;
	uint32_t head_crc = 0;
	char name[32];

	memcpy(&mbr, v->mbr.code + MBR_PATCH_OFFSET, sizeof(mbr));
	for (uint32_t i = 0; i < IMAGE_SLOT_COUNT; i++)
		right.header_lba[i] = (uint32_t)v->header->header_lba[i];
	if (data) {
		check_blocks(v, data, stage2->size, stage2->lba[slot], stage2->crc32c);
		head_crc = crc32c(&v->crc, 0, data, IMAGE_HEAD_SIZE);
		if (head_crc != ~mbr.head_crc32c_inverted)
			note(v, "head: crc32c is %08" PRIx32 ", the boot sector wants %08" PRIx32, head_crc,
			        ~mbr.head_crc32c_inverted);
		memcpy(&found, data + IMAGE_STAGE2_PATCH_OFFSET, sizeof(found));
		if (memcmp(&found, &right, sizeof(found)) != 0)
			note(v, "looks for its headers elsewhere than they lie");
		check_stage2_hash(v, data);
	}
	end_part(v, PART_STAGE2 + slot, slot_name(name, "stage 2", slot), stage2->lba[slot], stage2->size / SECTOR_SIZE,
	        stage2->size, head_crc);
	free(data);
}

/* The file of what is stored, which is freed if that is another; NULL, and noted, if it does not unpack. */
static uint8_t *unpack(struct verifier *v, const struct image_file *file, uint8_t *stored)
{
	uint8_t *unpacked;

	if (!stored || !file->unpacked_size)
		return stored;
	unpacked = allocate(file->unpacked_size);
	if (!lz4_unpack(stored, (size_t)file->size, unpacked, file->unpacked_size)) {
		note(v, "does not unpack to %" PRIu32 " bytes", file->unpacked_size);
		free(unpacked);
		unpacked = NULL;
	}
	free(stored);
	return unpacked;
}

/* Table, blocks and hash; returns the file's bytes, to be freed, or NULL. An empty image may say that it is huge. */
static uint8_t *check_file(struct verifier *v, const struct image_file *file, uint64_t limit)
{
	uint64_t table_size = image_block_count(file->size) * sizeof(uint32_t);
	uint8_t digest[SHA256_SIZE];
	uint32_t *table;
	uint8_t *data;

	if (file->size > limit || file->unpacked_size > limit) {
		note(v, "has more bytes than mkimage puts there, %" PRIu64, limit);
		return NULL;
	}
	table = load(v, file->table_lba, table_size);
	data = load(v, file->lba, file->size);
	if (table && data) {
		uint32_t crc = crc32c(&v->crc, 0, table, (size_t)table_size);

		if (crc != file->table_crc32c)
			note(v, "table: crc32c is %08" PRIx32 ", should be %08" PRIx32, crc, file->table_crc32c);
		check_blocks(v, data, file->size, file->lba, table);
	}
	free(table);
	data = unpack(v, file, data);
	if (data) {
		sha256(data, (size_t)image_file_size(file), digest);
		if (memcmp(digest, file->sha256, sizeof(digest)) != 0)
			note(v, "sha256 is not the header's");
	}
	return data;
}

/* Whether the header describes the very kernel that lies in the slot. */
static void check_description(struct verifier *v, const struct image_kernel *kernel, const uint8_t *data)
{
	struct image_kernel right;
	const char *why = kernel_describe(&right, data, (size_t)image_file_size(&kernel->file));

	if (why)
		note(v, "%s", why);
	else if (right.flags != kernel->flags || right.entry != kernel->entry || right.dynamic != kernel->dynamic ||
	         right.segment_count != kernel->segment_count || right.loaded_crc32c != kernel->loaded_crc32c ||
	         memcmp(right.segment, kernel->segment, right.segment_count * sizeof(right.segment[0])) != 0)
		note(v, "the header describes another kernel than this");
}

static void verify_kernel(struct verifier *v, uint32_t slot)
{
	const struct image_kernel *kernel = &v->header->kernel[slot];
	char name[32];

	if (kernel->file.size != 0) {
		uint8_t *data = check_file(v, &kernel->file, KERNEL_SIZE_MAX);

		if (data)
			check_description(v, kernel, data);
		free(data);
	}
	end_part(v, PART_KERNEL + slot, slot_name(name, "kernel", slot), kernel->slot_lba, kernel->slot_sectors,
	        kernel->file.size, kernel->file.table_crc32c);
}

/* What is wrong with a copy; `first` is the one before it, if that is good. */
static const char *check_config(
        const struct verifier *v, const struct image_config *config, const struct image_config *first, char room[256])
{
	const char *why = image_config_check(&v->crc, config);
	char sentence[CONFIG_SENTENCE_MAX];

	if (why)
		return why;
	if (config_says(sentence, config->text, config->size, v->header)) {
		snprintf(room, 256, "line %s", sentence);
		return room;
	}
	if (first && memcmp(first, config, offsetof(struct image_config, text) + config->size) != 0)
		return "differs from copy A: a change did not come to its end";
	return NULL;
}

/* Returns the first copy that is good. */
static struct image_config *verify_config(struct verifier *v)
{
	struct image_config *good = NULL;

	for (uint32_t i = 0; i < image_config_copies(v->header); i++) {
		uint64_t lba = v->header->config_lba + i * IMAGE_BLOCK_SECTORS;
		struct image_config *config = load(v, lba, sizeof(*config));
		char name[32], room[256];
		const char *why = config ? check_config(v, config, good, room) : NULL;

		if (config && !v->state->config.magic && !image_config_check(&v->crc, config))
			v->state->config = *config;
		if (why)
			note(v, "%s", why);
		end_part(v, PART_CONFIG + i, slot_name(name, "configuration", i), lba, IMAGE_BLOCK_SECTORS,
		        config ? config->size : 0, config ? config->crc32c : 0);
		if (good || why) {
			free(config);
			continue;
		}
		good = config;
	}
	return good;
}

static void verify_module(struct verifier *v, const struct image_file *module)
{
	char name[IMAGE_NAME_MAX + 8];

	snprintf(name, sizeof(name), "module %s", module->name);
	free(check_file(v, module, MODULE_SIZE_MAX));
	end_part(v, PART_MODULES, name, module->table_lba,
	        image_table_sectors(module->size) + image_data_sectors(module->size), module->size,
	        module->table_crc32c);
}

/* ---- all of it ---- */

/* Where stage 2 looks for header B, which is how the loader finds it when header A is damaged; 0 without a good
 * stage 2. */
static uint64_t second_header_lba(struct verifier *v)
{
	struct image_stage2_patch patch = {0};
	struct mbr_patch mbr;

	memcpy(&mbr, v->mbr.code + MBR_PATCH_OFFSET, sizeof(mbr));
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT && patch.magic != IMAGE_STAGE2_MAGIC; slot++) {
		uint8_t *head = load(v, mbr.head_lba[slot], IMAGE_HEAD_SIZE);

		if (head && crc32c(&v->crc, 0, head, IMAGE_HEAD_SIZE) == ~mbr.head_crc32c_inverted)
			memcpy(&patch, head + IMAGE_STAGE2_PATCH_OFFSET, sizeof(patch));
		free(head);
	}
	return patch.header_lba[1];
}

static void find_header(struct verifier *v, uint32_t slot, uint64_t lba)
{
	struct found_header *found = &v->found[slot];

	found->lba = lba;
	found->header = load(v, lba, sizeof(*found->header));
	found->why = found->header ? image_header_check(&v->crc, found->header) : "cannot be read";
	if (!found->why && !v->header)
		v->header = found->header;
}

/* The headers are needed before their turn to be reported on, so nothing is noted yet. */
static void find_headers(struct verifier *v)
{
	find_header(v, 0, IMAGE_START_LBA);
	find_header(v, 1, v->header ? v->header->header_lba[1] : second_header_lba(v));
	v->notes = 0;
}

static void verify_parts(struct verifier *v)
{
	struct image_config *config = NULL;

	verify_mbr(v);
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++) {
		verify_header(v, slot);
		if (!v->header)
			continue;
		verify_stage2(v, slot);
		if (slot == 0)
			config = verify_config(v);
		verify_kernel(v, slot);
	}
	if (v->header) {
		for (uint32_t i = 0; i < v->header->module_count; i++)
			verify_module(v, &v->header->module[i]);
		if (!v->quiet) {
			printf("\nimage: %" PRIu64 " bytes, ", v->disk->size);
			print_contents(&v->mbr, v->header, config);
		}
	}
	free(config);
}

static void examine(const struct disk *disk, struct image_state *state, bool quiet)
{
	struct verifier *v = allocate(sizeof(*v));
	const char *why;

	*state = (struct image_state){.header_in_use = -1};
	v->disk = disk;
	v->state = state;
	v->quiet = quiet;
	crc32c_table_init(&v->crc);
	why = disk_read(disk, 0, &v->mbr, sizeof(v->mbr));
	if (why)
		fail(disk->path, "%s", why);
	find_headers(v);
	if (v->header) {
		state->header = *v->header;
		state->header_in_use = v->found[0].why ? 1 : 0;
	}
	v->name_width = name_width(v->header);
	if (!quiet)
		print_heading(v);
	verify_parts(v);
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++)
		free(v->found[slot].header);
	free(v);
}

void image_examine(const struct disk *disk, struct image_state *state)
{
	examine(disk, state, true);
}

static unsigned count_faults(const struct image_state *state)
{
	unsigned faults = 0;

	for (unsigned part = 0; part < PART_COUNT; part++)
		faults += state->faults[part];
	return faults;
}

/* Which kernel starts, by what is wrong with the image; -1 where that is not certain. */
static int starting_kernel(const struct image_state *state)
{
	uint32_t slot = config_slot(&state->config, &state->header);

	if (state->header_in_use < 0 || state->faults[PART_BOOT_SECTOR] || state->faults[PART_MODULES] ||
	        (state->faults[PART_STAGE2] && state->faults[PART_STAGE2 + 1]))
		return -1;
	for (uint32_t tries = 0; tries < IMAGE_SLOT_COUNT; slot = !slot, tries++)
		if (state->header.kernel[slot].file.size && !state->faults[PART_KERNEL + slot])
			return (int)slot;
	return -1;
}

unsigned image_verify(const char *path)
{
	struct disk disk;
	struct image_state state;
	unsigned faults;

	disk_open(&disk, path, false);
	examine(&disk, &state, false);
	disk_close(&disk);
	faults = count_faults(&state);
	if (faults == 0)
		printf("whole: it starts the kernel in slot %c\n", 'A' + starting_kernel(&state));
	else if (starting_kernel(&state) >= 0)
		printf("recoverable: it starts the kernel in slot %c; what is WRONG has no second copy left\n",
		        'A' + starting_kernel(&state));
	else
		printf("broken: nothing says that it starts\n");
	return faults;
}
