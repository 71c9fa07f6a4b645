#include "kernel_image.h"

#include "console.h"
#include "layout.h"
#include "lib/elf64.h"
#include "lib/image.h"
#include "lib/string.h"
#include "memory.h"
#include "panic.h"
#include "verify.h"

#define SLOT_ALIGN  0x200000u /* where a kernel that can be moved goes if there is room: a multiple of 2 MiB */
#define FIRST_PLACE 0x100000u
#define FOUR_GIB    0x100000000ull

static uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(PAGE_SIZE - 1);
}
static uint64_t page_up(uint64_t address)
{
	return page_down(address + PAGE_SIZE - 1);
}

/* Is the other slot's kernel the same file? Then its blocks can stand in for bad ones. */
static bool same_file(const struct image_file *a, const struct image_file *b)
{
	return a->size == b->size && a->table_crc32c == b->table_crc32c &&
	       memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* From here on sizes fit 32 bits, as everything the loader can place does. */
static void check_size(const char *name, uint64_t size)
{
	if (size >= FOUR_GIB)
		boot_fail(BOOT_ERROR_MEMORY, "%s needs %u MiB, and the loader can reach 4 GiB only", name,
		        (uint32_t)(size >> 20));
}

/* Describes a file of slot `slot` for verify_load() and reads its table of checks. `other` is a second copy, or NULL.
 */
static bool open_file(
        struct verify_source *source, const struct image_file *file, const struct image_file *other, unsigned slot)
{
	check_size(file->name, file->size);
	uint32_t table_size = image_block_count(file->size) * sizeof(uint32_t);
	uint32_t *table = memory_allocate(table_size, PAGE_SIZE, BOOT_MEMORY_LOADER, "the table of a file's checks");
	*source = (struct verify_source){
	        .name = file->name,
	        .lba = {file->lba, other ? other->lba : 0},
	        .copies = other ? 2 : 1,
	        .first = slot,
	        .size = file->size,
	        .crc32c = table,
	};
	if (verify_load_table(file, table))
		return true;
	if (!other)
		return false;
	console_print(CONSOLE_NOTE, "%s; trying slot %c\n", verify_complaint(), 'B' - slot);
	return verify_load_table(other, table);
}

static uint64_t image_base(const struct image_kernel *k)
{
	return page_down(k->segment[0].virtual_address);
}

static uint64_t image_size(const struct image_kernel *k)
{
	const struct image_segment *last = &k->segment[k->segment_count - 1];
	return page_up(last->virtual_address + last->memory_size) - image_base(k);
}

/* Where a segment's first byte goes. */
static uint32_t segment_place(const struct image_kernel *k, const struct image_segment *s, uint32_t physical)
{
	if (k->flags & IMAGE_KERNEL_RELOCATABLE)
		return physical + (uint32_t)(s->virtual_address - image_base(k));
	return s->physical_address;
}

static uint32_t place_relocatable(const struct image_kernel *k)
{
	uint64_t base;
	uint32_t size = image_size(k);
	check_size(k->file.name, image_size(k));
	if (!memory_map_find(memory_map(), size, SLOT_ALIGN, FIRST_PLACE, FOUR_GIB, &base) &&
	        !memory_map_find(memory_map(), size, PAGE_SIZE, FIRST_PLACE, FOUR_GIB, &base))
		boot_fail(BOOT_ERROR_MEMORY, "not enough memory: no room for the kernel (%u KiB of %u KiB usable)",
		        size >> 10, (uint32_t)(memory_map_usable(memory_map()) >> 10));
	memory_map_take(memory_map(), base, size, BOOT_MEMORY_KERNEL);
	return base;
}

static uint32_t place_fixed(const struct image_kernel *k)
{
	for (uint32_t i = 0; i < k->segment_count; i++) {
		const struct image_segment *s = &k->segment[i];
		uint64_t base = page_down(s->physical_address), end = page_up(s->physical_address + s->memory_size);
		if (end > FOUR_GIB || !memory_map_take(memory_map(), base, end - base, BOOT_MEMORY_KERNEL))
			boot_fail(BOOT_ERROR_KERNEL_PLACE,
			        "the kernel wants memory at %llx to %llx, which is not free here",
			        (unsigned long long)base, (unsigned long long)end);
	}
	return k->segment[0].physical_address & ~(PAGE_SIZE - 1);
}

static bool load_segments(const struct image_kernel *k, const struct verify_source *source, uint32_t physical)
{
	if (k->flags & IMAGE_KERNEL_RELOCATABLE)
		memset((void *)physical, 0, image_size(k));
	for (uint32_t i = 0; i < k->segment_count; i++) {
		const struct image_segment *s = &k->segment[i];
		char *to = (char *)segment_place(k, s, physical);
		memset(to, 0, s->memory_size);
		if (s->file_size && !verify_load(source, s->file_offset, s->file_size, to))
			return false;
	}
	return true;
}

static void relocate(const struct image_kernel *k, uint32_t physical, uint64_t slide)
{
	const char *why;
	if (elf64_relocate((void *)physical, image_size(k), image_base(k), k->dynamic, slide, &why) != 0)
		boot_fail(BOOT_ERROR_RELOCATION, "%s: %s", k->file.name, why);
}

static bool load_slot(const struct image_header *header, unsigned slot, struct boot_kernel *kernel)
{
	const struct image_kernel *k = &header->kernel[slot], *other = &header->kernel[!slot];
	struct verify_source source;
	if (!open_file(&source, &k->file, same_file(&k->file, &other->file) ? &other->file : NULL, slot))
		return false;
	bool relocatable = k->flags & IMAGE_KERNEL_RELOCATABLE;
	uint32_t physical = relocatable ? place_relocatable(k) : place_fixed(k);
	verify_expect(image_block_count(k->file.size));
	if (!load_segments(k, &source, physical))
		return false;
	if (relocatable)
		relocate(k, physical, 0);
	*kernel = (struct boot_kernel){
	        .physical = physical,
	        .base_virtual = image_base(k),
	        .size = image_size(k),
	        .entry_virtual = k->entry,
	};
	return true;
}

const struct image_kernel *kernel_image_load(
        const struct image_header *header, struct boot_kernel *kernel, uint8_t *slot)
{
	for (unsigned try = 0; try < IMAGE_SLOT_COUNT; try++) {
		*slot = header->preferred_slot ^ try;
		if (header->kernel[*slot].file.size == 0)
			continue;
		memory_save();
		if (load_slot(header, *slot, kernel))
			return &header->kernel[*slot];
		memory_restore();
		console_print(CONSOLE_NOTE, "Slot %c: %s\n", 'A' + *slot, verify_complaint());
	}
	boot_fail(BOOT_ERROR_KERNEL, "no whole kernel on this disk");
}

const struct boot_module *kernel_image_load_modules(const struct image_header *header)
{
	static struct boot_module modules[IMAGE_MODULE_MAX];
	for (uint32_t i = 0; i < header->module_count; i++) {
		const struct image_file *file = &header->module[i];
		struct verify_source source;
		if (!open_file(&source, file, NULL, 0))
			boot_fail(BOOT_ERROR_MODULE, "%s", verify_complaint());
		char *to = memory_allocate(file->size, PAGE_SIZE, BOOT_MEMORY_MODULE, file->name);
		verify_expect(image_block_count(file->size));
		if (!verify_load(&source, 0, file->size, to))
			boot_fail(BOOT_ERROR_MODULE, "%s", verify_complaint());
		modules[i] = (struct boot_module){.base = (uint32_t)to, .size = file->size};
		memcpy(modules[i].name, file->name, sizeof modules[i].name);
	}
	return header->module_count ? modules : NULL;
}
