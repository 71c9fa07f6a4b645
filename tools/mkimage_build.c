/*
 * Builds the image. The boot partition is put together in memory, in the order of include/format/image.h, and its
 * header is put to the loader's own check before a byte of it is written.
 */
#include "mkimage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/image.h"
#include "lib/sha256.h"

#define SECTORS_PER_MIB (MIB / SECTOR_SIZE)

/* A slot has room for a kernel of twice the size, and for one of this size with its table at least. */
#define SLOT_MIN SECTORS_PER_MIB
/* Where a slot A ends at the latest: behind it stage 1 still reaches stage 2 B. */
#define SLOT_A_END (MBR_HEAD_LBA_LIMIT - 2 * IMAGE_BLOCK_SECTORS)

/* From 33 MiB on BIOSes give a disk 63 sectors per track everywhere; FAT32 begins at 65525 clusters, 33 MiB here. */
#define DISK_WITH_DATA (64 * SECTORS_PER_MIB)
#define DATA_MIN       (40 * SECTORS_PER_MIB)

_Static_assert(IMAGE_START_LBA + 3 * IMAGE_BLOCK_SECTORS + IMAGE_STAGE2_MAX / SECTOR_SIZE +
                               (KERNEL_SIZE_MAX + KERNEL_SIZE_MAX / 1024) / SECTOR_SIZE <=
                       SLOT_A_END,
        "the largest kernel fits");

struct build {
	struct crc32c_table crc;
	struct input stage1, stage2, kernel, module[IMAGE_MODULE_MAX];
	uint32_t module_count;
	struct mbr mbr;
	struct image_header header;
	uint8_t *area; /* the bytes of the boot partition */
	uint64_t disk_sectors;
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static uint8_t *at_lba(const struct build *build, uint64_t lba)
{
	return build->area + (lba - IMAGE_START_LBA) * SECTOR_SIZE;
}

static void read_input(struct input *input, const char *path, size_t limit, const struct build_options *options)
{
	if (same_file(path, options->output))
		fail(path, "is an input and the output at once");
	input_read(input, path, limit);
}

static void read_inputs(struct build *build, const struct build_options *options)
{
	const struct image_stage2_patch *patch;

	read_input(&build->stage1, options->stage1, SECTOR_SIZE, options);
	mbr_check(&build->stage1);
	read_input(&build->stage2, options->stage2, IMAGE_STAGE2_MAX, options);
	patch = (const void *)(build->stage2.data + IMAGE_STAGE2_PATCH_OFFSET);
	if (build->stage2.size < IMAGE_STAGE2_PATCH_OFFSET + sizeof(*patch) || patch->magic != IMAGE_STAGE2_MAGIC)
		fail(options->stage2, "not a stage 2: it lacks the magic number at offset %u",
		        IMAGE_STAGE2_PATCH_OFFSET);
	if (memcmp(patch, &(struct image_stage2_patch){.magic = IMAGE_STAGE2_MAGIC}, sizeof(*patch)) != 0)
		fail(options->stage2, "has bytes where the places of the headers go (12 to 23)");
	read_input(&build->kernel, options->kernel, KERNEL_SIZE_MAX, options);
	for (uint32_t i = 0; i < options->module_count; i++)
		read_input(&build->module[i], options->module[i].path, MODULE_SIZE_MAX, options);
	if (options->config && same_file(options->config, options->output))
		fail(options->config, "is an input and the output at once");
	build->module_count = options->module_count;
}

/* ---- where everything goes ---- */

static uint64_t take(uint64_t *next, uint64_t sectors)
{
	uint64_t lba = *next;

	*next += sectors;
	return lba;
}

/* The same for both slots: a kernel that fits one fits the other. */
static uint32_t slot_sectors(const struct build *build, uint64_t first_slot)
{
	/* Unpacked, so that a kernel which packs worse fits as well. */
	uint64_t needed = image_table_sectors(build->kernel.size) + image_data_sectors(build->kernel.size);
	uint64_t wanted = 2 * needed > SLOT_MIN ? 2 * needed : SLOT_MIN;
	uint64_t room = SLOT_A_END - first_slot;

	return (uint32_t)(wanted < room ? wanted : room);
}

static void place_slot(struct build *build, uint32_t slot, uint64_t *next)
{
	struct image_kernel *kernel = &build->header.kernel[slot];

	kernel->slot_sectors = slot == 0 ? slot_sectors(build, *next) : build->header.kernel[0].slot_sectors;
	kernel->slot_lba = take(next, kernel->slot_sectors);
	content_place(&kernel->file, &build->kernel, kernel->slot_lba);
}

static void place_parts(struct build *build, const struct build_options *options)
{
	struct image_header *header = &build->header;
	uint64_t next = IMAGE_START_LBA;

	header->stage2.size = (uint32_t)round_up(build->stage2.size, IMAGE_BLOCK_SIZE);
	header->stage2.file_size = (uint32_t)build->stage2.size;
	if (header->stage2.size < IMAGE_HEAD_SIZE)
		header->stage2.size = IMAGE_HEAD_SIZE;
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++) {
		header->header_lba[slot] = take(&next, IMAGE_BLOCK_SECTORS);
		header->stage2.lba[slot] = take(&next, header->stage2.size / SECTOR_SIZE);
		if (slot == 0) { /* in front of the slot: with a small kernel all of A fits a floppy */
			header->config_sectors = IMAGE_SLOT_COUNT * IMAGE_BLOCK_SECTORS;
			header->config_lba = take(&next, header->config_sectors);
		}
		place_slot(build, slot, &next);
	}
	header->module_count = build->module_count;
	for (uint32_t i = 0; i < build->module_count; i++) {
		memcpy(header->module[i].name, options->module[i].name, IMAGE_NAME_MAX);
		next = content_place(&header->module[i], &build->module[i], next);
	}
	header->sectors = round_up(next, SECTORS_PER_MIB) - IMAGE_START_LBA;
	build->area = allocate((size_t)header->sectors * SECTOR_SIZE);
}

static void place_partitions(struct build *build, const struct build_options *options)
{
	uint64_t boot_end = IMAGE_START_LBA + build->header.sectors;
	uint64_t data = 0, end = boot_end;

	if (!options->no_data) {
		end = boot_end + DATA_MIN;
		if (end < DISK_WITH_DATA)
			end = DISK_WITH_DATA;
	}
	if (end < options->pad / SECTOR_SIZE)
		end = options->pad / SECTOR_SIZE;
	if (end > UINT32_MAX)
		fail(options->output, "would be larger than a partition table can say");
	if (!options->no_data)
		data = end - boot_end;
	mbr_set_partitions(&build->mbr, (uint32_t)build->header.sectors, (uint32_t)boot_end, (uint32_t)data);
	build->disk_sectors = end;
}

/* ---- filling the parts ---- */

static void fill_file(struct build *build, struct image_file *file, const struct input *input)
{
	content_fill(&build->crc, file, input, at_lba(build, file->table_lba), at_lba(build, file->lba));
}

static void fill_stage2(struct build *build)
{
	struct image_stage2 *stage2 = &build->header.stage2;
	uint8_t *first = at_lba(build, stage2->lba[0]);
	struct image_stage2_patch patch = {.magic = IMAGE_STAGE2_MAGIC, .size = stage2->size};

	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++)
		patch.header_lba[slot] = (uint32_t)build->header.header_lba[slot];
	sha256(build->stage2.data, build->stage2.size, build->header.stage2_sha256);
	memcpy(first, build->stage2.data, build->stage2.size);
	memcpy(first + IMAGE_STAGE2_PATCH_OFFSET, &patch, sizeof(patch));
	for (uint32_t i = 0; i < stage2->size / IMAGE_BLOCK_SIZE; i++)
		stage2->crc32c[i] = crc32c(&build->crc, 0, first + i * IMAGE_BLOCK_SIZE, IMAGE_BLOCK_SIZE);
	memcpy(at_lba(build, stage2->lba[1]), first, stage2->size);
}

static void config_from_words(struct image_config *config, const char *words)
{
	char text[IMAGE_CONFIG_TEXT_MAX + 1];
	const size_t room = IMAGE_CONFIG_TEXT_MAX - strlen("cmdline=\n");

	for (const char *c = words; *c; c++)
		if (*c < ' ' || *c > '~')
			fail("--cmdline", "the command line holds a line break or what else is not printable ASCII");
	if (strlen(words) > room)
		fail("--cmdline", "the command line is longer than %zu bytes", room);
	snprintf(text, sizeof(text), "cmdline=%s\n", words);
	config_fill(config, text, strlen(text));
}

/* When header and files are known: a configuration may name them. */
static void fill_config(struct build *build, const struct build_options *options)
{
	struct image_config *config = (void *)at_lba(build, build->header.config_lba);

	if (options->config)
		config_from_file(config, options->config, &build->header);
	else
		config_from_words(config, options->cmdline);
	for (uint32_t i = 1; i < IMAGE_SLOT_COUNT; i++)
		config[i] = config[0];
}

static void fill_parts(struct build *build, const struct build_options *options)
{
	struct image_header *header = &build->header;

	fill_stage2(build);
	fill_config(build, options);
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++)
		fill_file(build, &header->kernel[slot].file, &build->kernel);
	for (uint32_t i = 0; i < header->module_count; i++)
		fill_file(build, &header->module[i], &build->module[i]);
}

/* ---- what depends on the contents: boot sector, then header ---- */

/* Tells disks apart (Windows wants that), yet is the same for the same contents. 0 would mean "none". */
static uint32_t disk_signature(const struct build *build)
{
	uint32_t crc = crc32c(&build->crc, 0, build->stage1.data, build->stage1.size);

	crc = crc32c(&build->crc, crc, &build->header.build_time, sizeof(build->header.build_time));
	crc = crc32c(&build->crc, crc, build->area, (size_t)build->header.sectors * SECTOR_SIZE);
	return crc ? crc : 1;
}

static void fill_mbr(struct build *build)
{
	const struct image_stage2 *stage2 = &build->header.stage2;
	struct mbr_patch patch = {
	        .head_lba = {(uint32_t)stage2->lba[0], (uint32_t)stage2->lba[1]},
	        .head_crc32c_inverted = ~crc32c(&build->crc, 0, at_lba(build, stage2->lba[0]), IMAGE_HEAD_SIZE),
	};

	memcpy(build->mbr.code, build->stage1.data, sizeof(build->mbr.code));
	memcpy(build->mbr.code + MBR_PATCH_OFFSET, &patch, sizeof(patch));
	build->mbr.disk_signature = disk_signature(build);
	build->mbr.signature = MBR_SIGNATURE;
}

static void fill_headers(struct build *build)
{
	struct image_header *header = &build->header;
	const char *why;

	header->magic = IMAGE_MAGIC;
	header->version = IMAGE_VERSION;
	header->size = sizeof(*header);
	header->disk_signature = build->mbr.disk_signature;
	header->mbr_crc32c = crc32c(&build->crc, 0, build->mbr.code, sizeof(build->mbr.code));
	header->crc32c = image_header_crc(&build->crc, header);
	why = image_header_check(&build->crc, header);
	if (why) /* the parts were placed by us: what is left to be wrong is what the kernel's file says of itself */
		fail(build->kernel.path, "%s", why);
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++)
		memcpy(at_lba(build, header->header_lba[slot]), header, sizeof(*header));
}

void image_build(const struct build_options *options)
{
	struct build *build = allocate(sizeof(*build));
	struct image_header *header = &build->header;
	const char *why;

	crc32c_table_init(&build->crc);
	read_inputs(build, options);
	header->build_time = options->build_time;
	why = kernel_describe(&header->kernel[0], build->kernel.data, build->kernel.size);
	if (why)
		fail(options->kernel, "%s", why);
	if (!options->no_compress)
		kernel_pack(&header->kernel[0], &build->kernel);
	header->kernel[1] = header->kernel[0];
	place_parts(build, options);
	place_partitions(build, options);
	fill_parts(build, options);
	fill_mbr(build);
	fill_headers(build);

	output_begin(options->output);
	output_write(0, &build->mbr, sizeof(build->mbr));
	output_write(IMAGE_START_LBA * SECTOR_SIZE, build->area, (size_t)header->sectors * SECTOR_SIZE);
	output_commit(build->disk_sectors * SECTOR_SIZE);

	free(build->area);
	for (uint32_t i = 0; i < build->module_count; i++)
		input_free(&build->module[i]);
	input_free(&build->kernel);
	input_free(&build->stage2);
	input_free(&build->stage1);
	free(build);
}
