#include "sample_image.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "format/mbr.h"

void sample_image_seal(struct image_header *header, const struct crc32c_table *table)
{
	struct image_header copy = *header;

	copy.crc32c = 0;
	header->crc32c = crc32c(table, 0, &copy, sizeof(copy));
}

/* Whole blocks, in sectors. */
static uint64_t sectors_of(uint64_t bytes)
{
	return (bytes + 4095) / 4096 * 8;
}

static uint64_t take(uint64_t *next, uint64_t sectors)
{
	*next += sectors;
	return *next - sectors;
}

static void place_file(struct image_file *file, uint64_t size, uint64_t *next)
{
	file->size = size;
	file->table_lba = take(next, sectors_of((size + 4095) / 4096 * 4));
	file->lba = take(next, sectors_of(size));
}

static void place_kernel(struct image_kernel *kernel, uint64_t size, uint64_t *next, uint64_t spare)
{
	snprintf(kernel->file.name, sizeof(kernel->file.name), "kernel");
	kernel->slot_lba = *next;
	place_file(&kernel->file, size, next);
	*next += spare;
	kernel->slot_sectors = (uint32_t)(*next - kernel->slot_lba);
}

static void add_segment(
        struct image_kernel *kernel, uint64_t address, uint64_t offset, uint64_t size, uint64_t memory, uint32_t flags)
{
	kernel->segment[kernel->segment_count++] = (struct image_segment){
	        .virtual_address = address,
	        .physical_address = address & 0xfffffff,
	        .file_offset = offset,
	        .file_size = size,
	        .memory_size = memory,
	        .flags = flags,
	        .first_block = (uint32_t)(offset / 4096),
	        .block_count = size ? (uint32_t)((offset + size - 1) / 4096 - offset / 4096 + 1) : 0,
	};
}

static void begin(struct image_header *header)
{
	memset(header, 0, sizeof(*header));
	header->magic = IMAGE_MAGIC;
	header->version = IMAGE_VERSION;
	header->size = sizeof(*header);
	header->config_sectors = 8;
}

void sample_image_fill(struct image_header *header, const struct crc32c_table *table)
{
	uint64_t next = IMAGE_START_LBA;

	begin(header);
	header->disk_signature = 0x11223344;
	header->stage2.size = 3 * 4096;
	header->stage2.file_size = 3 * 4096 - 100;
	header->config_lba = take(&next, 8); /* header A's place for now, so that the loop below stays plain */
	for (unsigned slot = 0; slot < 2; slot++) {
		struct image_kernel *kernel = &header->kernel[slot];

		header->header_lba[slot] = slot == 0 ? IMAGE_START_LBA : take(&next, 8);
		header->stage2.lba[slot] = take(&next, 24);
		place_kernel(kernel, 20000, &next, 64);
		kernel->flags = IMAGE_KERNEL_RELOCATABLE;
		add_segment(kernel, 0xffffffff80000000, 0, 5000, 5000, IMAGE_SEGMENT_READ);
		add_segment(kernel, 0xffffffff80002000, 8192, 4096, 4096, IMAGE_SEGMENT_READ | IMAGE_SEGMENT_EXECUTE);
		add_segment(kernel, 0xffffffff80003100, 12544, 7456, 30000, IMAGE_SEGMENT_READ | IMAGE_SEGMENT_WRITE);
		kernel->entry = 0xffffffff80002010;
		kernel->dynamic = 0xffffffff80003100;
	}
	header->config_lba = take(&next, 8);
	header->module_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(header->module[i].name, IMAGE_NAME_MAX, "module%u", i);
		place_file(&header->module[i], 1 + 5000 * i, &next);
	}
	header->sectors = next - IMAGE_START_LBA;
	sample_image_seal(header, table);
}

/* ---- random ones ---- */

static uint64_t size_of(const struct image_file *file)
{
	return file->unpacked_size > 0 ? file->unpacked_size : file->size;
}

static void roll_segments(struct image_kernel *kernel, struct dice *dice)
{
	uint32_t count = 1 + (uint32_t)dice_below(dice, IMAGE_SEGMENT_MAX), code = (uint32_t)dice_below(dice, count);
	uint64_t address = dice_below(dice, 2) ? 0xffffffff80000000 : dice_below(dice, 1 << 30) * 4096;

	for (uint32_t i = 0; i < count; i++) {
		static const uint32_t data_flags[] = {0, IMAGE_SEGMENT_READ, IMAGE_SEGMENT_READ | IMAGE_SEGMENT_WRITE};
		uint64_t offset = dice_below(dice, size_of(&kernel->file) + 1);
		uint64_t size = dice_below(dice, size_of(&kernel->file) - offset + 1);
		uint64_t memory = size + dice_below(dice, 10000);
		uint64_t at = address + dice_below(dice, 4096);
		uint32_t flags =
		        i == code ? IMAGE_SEGMENT_READ | IMAGE_SEGMENT_EXECUTE : data_flags[dice_below(dice, 3)];

		if (memory == 0)
			memory = 1;
		add_segment(kernel, at, offset, size, memory, flags);
		if (i == code)
			kernel->entry = at + dice_below(dice, memory);
		if (i == count - 1 && (kernel->flags & IMAGE_KERNEL_RELOCATABLE))
			kernel->dynamic = at + dice_below(dice, memory);
		address = (at + memory + 4095) / 4096 * 4096 + dice_below(dice, 3) * 4096;
	}
}

static void roll_kernel(struct image_kernel *kernel, struct dice *dice, uint64_t *next)
{
	place_kernel(kernel, 1 + dice_below(dice, 1 << 20), next, dice_below(dice, 1000));
	*next = (*next + 7) / 8 * 8;
	if (dice_below(dice, 2))
		kernel->file.unpacked_size = (uint32_t)(kernel->file.size + 1 + dice_below(dice, 1 << 20));
	kernel->flags = dice_below(dice, 2) ? IMAGE_KERNEL_RELOCATABLE : 0;
	roll_segments(kernel, dice);
}

void sample_image_roll(struct image_header *header, const struct crc32c_table *table, struct dice *dice)
{
	uint64_t next = IMAGE_START_LBA + 8;

	begin(header);
	header->header_lba[0] = IMAGE_START_LBA;
	header->disk_signature = 1 + (uint32_t)dice_below(dice, UINT32_MAX);
	header->build_time = dice_roll(dice);
	header->preferred_slot = (uint32_t)dice_below(dice, 2);
	header->stage2.size = 4096 * (2 + (uint32_t)dice_below(dice, 15));
	header->stage2.file_size = 24 + (uint32_t)dice_below(dice, header->stage2.size - 24 + 1);
	header->module_count = (uint32_t)dice_below(dice, IMAGE_MODULE_MAX + 1);
	header->config_sectors = 8 * (1 + (uint32_t)dice_below(dice, 4));
	for (unsigned slot = 0; slot < 2; slot++)
		header->stage2.lba[slot] = take(&next, header->stage2.size / 512);
	for (uint32_t i = 0; i < header->module_count; i++) {
		memset(header->module[i].name, 'x', 1 + dice_below(dice, IMAGE_NAME_MAX - 1));
		header->module[i].name[0] = (char)('a' + i);
		place_file(&header->module[i], 1 + dice_below(dice, 1ull << (1 + dice_below(dice, 34))), &next);
		next += 8 * dice_below(dice, 3);
	}
	header->config_lba = take(&next, header->config_sectors);
	for (unsigned slot = 0; slot < 2; slot++) {
		if (slot == header->preferred_slot || dice_below(dice, 4))
			roll_kernel(&header->kernel[slot], dice, &next);
		else
			header->kernel[slot].slot_lba = next;
	}
	header->header_lba[1] = take(&next, 8);
	header->sectors = next - IMAGE_START_LBA + dice_below(dice, 100);
	sample_image_seal(header, table);
}

/* ---- the judge: written from the format's description, in another way than the code it judges ---- */

struct part {
	uint64_t first, last; /* sectors */
};

#define PART_MAX 48

static bool add_part(struct part *parts, unsigned *count, uint64_t lba, uint64_t sectors)
{
	if (sectors == 0)
		return true;
	if (lba % 8 != 0 || lba + (sectors - 1) < lba)
		return false;
	parts[(*count)++] = (struct part){lba, lba + (sectors - 1)};
	return true;
}

/* Sorts by insertion; then neighbours tell. */
static bool parts_are_disjoint(struct part *parts, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		for (unsigned j = i; j > 0 && parts[j].first < parts[j - 1].first; j--) {
			struct part swap = parts[j];

			parts[j] = parts[j - 1];
			parts[j - 1] = swap;
		}
	for (unsigned i = 1; i < count; i++)
		if (parts[i].first <= parts[i - 1].last)
			return false;
	return true;
}

static bool holds(const struct image_segment *segment, uint64_t address)
{
	return address >= segment->virtual_address && address <= segment->virtual_address + (segment->memory_size - 1);
}

static const char *judge_segments(const struct image_kernel *kernel)
{
	bool entry = false, dynamic = kernel->dynamic == 0;
	uint64_t size = kernel->file.unpacked_size ? kernel->file.unpacked_size : kernel->file.size;

	if (kernel->segment_count < 1 || kernel->segment_count > 8)
		return "number of segments";
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		const struct image_segment *s = &kernel->segment[i];

		if (s->memory_size == 0 || s->file_size > s->memory_size || s->flags > 7)
			return "segment";
		if ((s->flags & 3) == 3)
			return "writable and executable";
		if (s->virtual_address + s->memory_size < s->virtual_address ||
		        s->physical_address + s->memory_size < s->physical_address)
			return "memory wraps";
		if (s->file_offset > size || s->file_size > size - s->file_offset)
			return "segment outside the file";
		if (s->file_size &&
		        (s->first_block != s->file_offset >> 12 || s->first_block + (uint64_t)s->block_count - 1 !=
		                                                           (s->file_offset + s->file_size - 1) >> 12))
			return "blocks of a segment";
		if (i > 0 && s[-1].virtual_address + s[-1].memory_size - 1 >= s->virtual_address)
			return "segments not ascending and disjoint";
		if (i > 0 && (s[-1].virtual_address + s[-1].memory_size - 1) >> 12 == s->virtual_address >> 12)
			return "segments share a page";
		if (!kernel->flags && (s->virtual_address & 4095) != (s->physical_address & 4095))
			return "place in the page";
		entry |= (s->flags & 1) && holds(s, kernel->entry);
		dynamic |= holds(s, kernel->dynamic);
	}
	if (kernel->flags > 1 || kernel->flags != (kernel->dynamic != 0))
		return "flags";
	return !entry ? "entry" : !dynamic ? "dynamic section" : NULL;
}

static const char *judge_kernel(const struct image_kernel *kernel)
{
	struct part parts[2];
	unsigned count = 0;
	uint64_t slot_last = kernel->slot_lba + kernel->slot_sectors - 1;

	if (kernel->file.size == 0)
		return NULL;
	if (!add_part(parts, &count, kernel->file.table_lba, sectors_of((kernel->file.size + 4095) / 4096 * 4)) ||
	        !add_part(parts, &count, kernel->file.lba, sectors_of(kernel->file.size)) ||
	        !parts_are_disjoint(parts, count))
		return "kernel's table and data";
	if (kernel->file.unpacked_size && kernel->file.unpacked_size <= kernel->file.size)
		return "packed without being smaller";
	if (parts[0].first < kernel->slot_lba || parts[1].last > slot_last)
		return "kernel outside its slot";
	return judge_segments(kernel);
}

const char *sample_image_judge(const struct image_header *header)
{
	struct part parts[PART_MAX];
	unsigned count = 0;
	bool good = true;

	if (header->preferred_slot > 1 || header->kernel[header->preferred_slot].file.size == 0)
		return "preferred slot";
	if (header->module_count > 16)
		return "number of modules";
	if (header->stage2.size > 65536 || header->stage2.size < 8192 || header->stage2.size % 4096)
		return "size of stage 2";
	if (header->stage2.file_size > header->stage2.size || header->stage2.file_size < 24)
		return "size of stage 2's file";
	for (unsigned slot = 0; slot < 2; slot++) {
		const struct image_kernel *kernel = &header->kernel[slot];
		const char *why = judge_kernel(kernel);

		if (why)
			return why;
		good &= add_part(parts, &count, header->header_lba[slot], 8);
		good &= add_part(parts, &count, header->stage2.lba[slot], header->stage2.size / 512);
		good &= add_part(parts, &count, kernel->slot_lba, kernel->slot_sectors);
	}
	good &= add_part(parts, &count, header->config_lba, header->config_sectors);
	for (uint32_t i = 0; i < header->module_count; i++) {
		const struct image_file *module = &header->module[i];

		if (!memchr(module->name, 0, IMAGE_NAME_MAX) || !module->name[0] || module->size == 0 ||
		        module->unpacked_size)
			return "module";
		good &= add_part(parts, &count, module->table_lba, sectors_of((module->size + 4095) / 4096 * 4));
		good &= add_part(parts, &count, module->lba, sectors_of(module->size));
	}
	if (header->stage2.lba[0] >= 65536 || header->stage2.lba[1] >= 65536)
		return "place of stage 2";
	if (!good || !parts_are_disjoint(parts, count))
		return "parts overlap";
	if (parts[0].first != 2048 || parts[count - 1].last >= 2048 + header->sectors || header->sectors > UINT32_MAX)
		return "parts outside the partition";
	return NULL;
}
