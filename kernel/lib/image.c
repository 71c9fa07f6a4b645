#include "lib/image.h"

#include <stdbool.h>

#include "format/mbr.h"
#include "lib/string.h"

#define PAGE_SIZE 4096u

uint64_t image_block_count(uint64_t size)
{
	return size / IMAGE_BLOCK_SIZE + (size % IMAGE_BLOCK_SIZE != 0);
}

uint64_t image_file_size(const struct image_file *file)
{
	return file->unpacked_size ? file->unpacked_size : file->size;
}

uint64_t image_data_sectors(uint64_t size)
{
	return image_block_count(size) * IMAGE_BLOCK_SECTORS;
}

uint64_t image_table_sectors(uint64_t size)
{
	return image_data_sectors(image_block_count(size) * sizeof(uint32_t));
}

/* Check value of `size` bytes of which the uint32_t at `field`, where the value itself goes, counts as 0. */
static uint32_t crc_of_fields(const struct crc32c_table *table, const void *data, size_t field, size_t size)
{
	const uint8_t *bytes = data;
	uint32_t zero = 0;
	size_t after = field + sizeof(zero);
	uint32_t crc = crc32c(table, 0, bytes, field);

	crc = crc32c(table, crc, &zero, sizeof(zero));
	return crc32c(table, crc, bytes + after, size - after);
}

/* ---- where things lie on the disk ---- */

struct extent {
	uint64_t lba, sectors;
};

/* Headers, stage 2 and slots twice, configuration, and table and data of each module. */
#define EXTENT_MAX (3 * IMAGE_SLOT_COUNT + 1 + 2 * IMAGE_MODULE_MAX)

struct extent_list {
	struct extent extent[EXTENT_MAX];
	uint32_t count;
};

static bool extent_is_within(struct extent inner, struct extent outer)
{
	return inner.lba % IMAGE_BLOCK_SECTORS == 0 && inner.lba >= outer.lba && inner.sectors <= outer.sectors &&
	       inner.lba - outer.lba <= outer.sectors - inner.sectors;
}

static bool extents_overlap(struct extent a, struct extent b)
{
	return a.lba < b.lba + b.sectors && b.lba < a.lba + a.sectors;
}

static void extent_add(struct extent_list *list, uint64_t lba, uint64_t sectors)
{
	list->extent[list->count++] = (struct extent){lba, sectors};
}

static const char *check_extents(const struct extent_list *list, struct extent partition)
{
	for (uint32_t i = 0; i < list->count; i++) {
		if (!extent_is_within(list->extent[i], partition))
			return "a part lies outside the boot partition or on an odd sector";
		for (uint32_t j = 0; j < i; j++)
			if (extents_overlap(list->extent[i], list->extent[j]))
				return "two parts overlap";
	}
	return NULL;
}

/* Names are shown to people and typed by them: printable ASCII without blanks. */
static bool name_is_good(const char name[IMAGE_NAME_MAX])
{
	size_t length = strnlen(name, IMAGE_NAME_MAX);

	for (size_t i = 0; i < length; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return length > 0 && length < IMAGE_NAME_MAX;
}

/* ---- the kernel ---- */

static bool pages_overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a / PAGE_SIZE <= (b + b_size - 1) / PAGE_SIZE && b / PAGE_SIZE <= (a + a_size - 1) / PAGE_SIZE;
}

/* Room for a page after it, so that who rounds up to pages never wraps around. */
static bool memory_wraps(uint64_t address, uint64_t size)
{
	return address > UINT64_MAX - PAGE_SIZE || size > UINT64_MAX - PAGE_SIZE - address;
}

static const char *check_segment_blocks(const struct image_segment *segment, uint64_t file_size)
{
	uint64_t first = segment->file_offset / IMAGE_BLOCK_SIZE;
	uint64_t count;

	if (segment->file_offset > file_size || segment->file_size > file_size - segment->file_offset)
		return "a segment reaches past the end of the kernel's file";
	count = segment->file_size ? image_block_count(segment->file_offset + segment->file_size) - first : 0;
	if (segment->first_block != first || segment->block_count != count)
		return "a segment names other blocks than its bytes lie in";
	return NULL;
}

static const char *check_segment(const struct image_kernel *kernel, const struct image_segment *segment)
{
	bool fixed = !(kernel->flags & IMAGE_KERNEL_RELOCATABLE);

	if (segment->memory_size == 0 || segment->memory_size < segment->file_size)
		return "a segment has less memory than bytes";
	if (memory_wraps(segment->virtual_address, segment->memory_size) ||
	        memory_wraps(segment->physical_address, segment->memory_size))
		return "a segment reaches past the end of the address space";
	if (fixed && (segment->virtual_address - segment->physical_address) % PAGE_SIZE != 0)
		return "a segment begins elsewhere in its virtual than in its physical page";
	if (segment->flags & ~(uint32_t)(IMAGE_SEGMENT_EXECUTE | IMAGE_SEGMENT_WRITE | IMAGE_SEGMENT_READ))
		return "a segment has unknown flags";
	if ((segment->flags & IMAGE_SEGMENT_EXECUTE) && (segment->flags & IMAGE_SEGMENT_WRITE))
		return "a segment is writable and executable";
	for (const struct image_segment *other = kernel->segment; other < segment; other++) {
		if (other->virtual_address >= segment->virtual_address)
			return "the segments are not in ascending order";
		if (pages_overlap(
		            other->virtual_address, other->memory_size, segment->virtual_address, segment->memory_size))
			return "two segments share a page";
		if (fixed && pages_overlap(other->physical_address, other->memory_size, segment->physical_address,
		                     segment->memory_size))
			return "two segments share a page of physical memory";
	}
	return check_segment_blocks(segment, image_file_size(&kernel->file));
}

static const struct image_segment *segment_of(const struct image_kernel *kernel, uint64_t address)
{
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		const struct image_segment *segment = &kernel->segment[i];

		if (address - segment->virtual_address < segment->memory_size)
			return segment;
	}
	return NULL;
}

/* Table and data must lie in the slot, which the caller checks as one part of the image. */
static const char *check_slot(const struct image_kernel *kernel)
{
	struct extent slot = {kernel->slot_lba, kernel->slot_sectors};
	struct extent table = {kernel->file.table_lba, image_table_sectors(kernel->file.size)};
	struct extent data = {kernel->file.lba, image_data_sectors(kernel->file.size)};

	if (!extent_is_within(table, slot) || !extent_is_within(data, slot) || extents_overlap(table, data))
		return "a kernel does not fit its slot";
	return NULL;
}

static const char *check_kernel(const struct image_kernel *kernel)
{
	const struct image_segment *of_entry;
	const char *why = check_slot(kernel);

	if (why)
		return why;
	if (!name_is_good(kernel->file.name))
		return "a kernel has no proper name";
	if (kernel->flags & ~(uint32_t)IMAGE_KERNEL_RELOCATABLE)
		return "a kernel has unknown flags";
	if (kernel->file.unpacked_size && kernel->file.unpacked_size <= kernel->file.size)
		return "a packed kernel is no smaller than the kernel";
	if (kernel->segment_count == 0 || kernel->segment_count > IMAGE_SEGMENT_MAX)
		return "a kernel has no segments, or too many";
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		why = check_segment(kernel, &kernel->segment[i]);
		if (why)
			return why;
	}
	of_entry = segment_of(kernel, kernel->entry);
	if (!of_entry || !(of_entry->flags & IMAGE_SEGMENT_EXECUTE))
		return "a kernel's entry lies in no executable segment";
	if (!(kernel->flags & IMAGE_KERNEL_RELOCATABLE) != !kernel->dynamic)
		return "a kernel is relocatable without a dynamic section, or has one without being relocatable";
	if (kernel->dynamic && !segment_of(kernel, kernel->dynamic))
		return "a kernel's dynamic section lies in no segment";
	return NULL;
}

/* ---- the header ---- */

uint32_t image_header_crc(const struct crc32c_table *table, const struct image_header *header)
{
	return crc_of_fields(table, header, offsetof(struct image_header, crc32c), sizeof(*header));
}

/* The first bytes decide how the others are to be read. */
static const char *check_identity(const struct crc32c_table *table, const struct image_header *header)
{
	if (header->magic != IMAGE_MAGIC)
		return "not an image header";
	if (header->version != IMAGE_VERSION)
		return "the image has another version of the format than this program: make it anew, or use the "
		       "mkimage that made it";
	if (header->size != sizeof(*header))
		return "the image header has another size than its version says";
	if (header->crc32c != image_header_crc(table, header))
		return "the image header is damaged";
	return NULL;
}

static const char *check_modules(const struct image_header *header, struct extent_list *extents)
{
	if (header->module_count > IMAGE_MODULE_MAX)
		return "the image has too many modules";
	for (uint32_t i = 0; i < header->module_count; i++) {
		const struct image_file *module = &header->module[i];

		if (!name_is_good(module->name))
			return "a module has no proper name";
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(module->name, header->module[j].name) == 0)
				return "two modules have the same name";
		if (module->size == 0)
			return "a module is empty";
		if (module->unpacked_size)
			return "a module is packed";
		extent_add(extents, module->table_lba, image_table_sectors(module->size));
		extent_add(extents, module->lba, image_data_sectors(module->size));
	}
	return NULL;
}

static const char *check_kernels(const struct image_header *header, struct extent_list *extents)
{
	if (header->preferred_slot >= IMAGE_SLOT_COUNT || header->kernel[header->preferred_slot].file.size == 0)
		return "the preferred slot holds no kernel";
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++) {
		const struct image_kernel *kernel = &header->kernel[slot];
		const char *why = kernel->file.size ? check_kernel(kernel) : NULL;

		if (why)
			return why;
		extent_add(extents, kernel->slot_lba, kernel->slot_sectors);
	}
	return NULL;
}

const char *image_header_check(const struct crc32c_table *table, const struct image_header *header)
{
	struct extent partition = {IMAGE_START_LBA, header->sectors};
	struct extent_list extents = {.count = 0};
	const char *why = check_identity(table, header);

	if (why)
		return why;
	if (header->sectors > UINT32_MAX - IMAGE_START_LBA)
		return "the boot partition ends past what a partition table can say";
	if (header->disk_signature == 0)
		return "the disk signature is 0";
	if (header->header_lba[0] != IMAGE_START_LBA)
		return "the first header is not where it belongs";
	if (header->config_sectors == 0 || header->config_sectors % IMAGE_BLOCK_SECTORS != 0)
		return "the configuration area has a bad size";
	if (header->stage2.size < IMAGE_HEAD_SIZE || header->stage2.size > IMAGE_STAGE2_MAX ||
	        header->stage2.size % IMAGE_BLOCK_SIZE != 0 || header->stage2.file_size > header->stage2.size ||
	        header->stage2.file_size < IMAGE_STAGE2_PATCH_OFFSET + sizeof(struct image_stage2_patch))
		return "stage 2 has a bad size";

	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++) {
		if (header->stage2.lba[slot] >= MBR_HEAD_LBA_LIMIT)
			return "stage 2 lies where stage 1 cannot reach it";
		extent_add(&extents, header->header_lba[slot], IMAGE_BLOCK_SECTORS);
		extent_add(&extents, header->stage2.lba[slot], header->stage2.size / SECTOR_SIZE);
	}
	extent_add(&extents, header->config_lba, header->config_sectors);
	why = check_kernels(header, &extents);
	if (!why)
		why = check_modules(header, &extents);
	if (!why)
		why = check_extents(&extents, partition);
	return why;
}

/* ---- the configuration ---- */

uint32_t image_config_crc(const struct crc32c_table *table, const struct image_config *config)
{
	return crc_of_fields(table, config, offsetof(struct image_config, crc32c),
	        offsetof(struct image_config, text) + config->size);
}

const char *image_config_check(const struct crc32c_table *table, const struct image_config *config)
{
	if (config->magic != IMAGE_CONFIG_MAGIC)
		return "not a configuration";
	if (config->size > IMAGE_CONFIG_TEXT_MAX)
		return "the configuration has a bad size";
	if (config->crc32c != image_config_crc(table, config))
		return "the configuration is damaged";
	return NULL;
}

uint32_t image_config_copies(const struct image_header *header)
{
	return header->config_sectors < IMAGE_SLOT_COUNT * IMAGE_BLOCK_SECTORS ? 1 : IMAGE_SLOT_COUNT;
}
