#include "kernel_image.h"

#include "console.h"
#include "full_check.h"
#include "image_file.h"
#include "layout.h"
#include "lib/elf64.h"
#include "lib/format.h"
#include "lib/string.h"
#include "memory.h"
#include "panic.h"
#include "progress.h"
#include "verify.h"

#define FOUR_GIB 0x100000000ull

/* Why the last slot could not be used. */
static struct {
	enum boot_error error;
	char text[160];
} failure;

static bool fail(enum boot_error error)
{
	failure.error = error;
	return false;
}

static bool fail_by_complaint(enum boot_error error)
{
	format_string(failure.text, sizeof failure.text, "%s", verify_complaint);
	return fail(error);
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

static bool is_relocatable(const struct image_kernel *k)
{
	return k->flags & IMAGE_KERNEL_RELOCATABLE;
}

uint32_t kernel_image_place(const struct image_kernel *image, const struct image_segment *segment, uint32_t physical)
{
	if (is_relocatable(image))
		return physical + (uint32_t)(segment->virtual_address - image_base(image));
	return segment->physical_address;
}

static bool place_relocatable(const struct image_kernel *k, uint32_t *physical)
{
	uint64_t base, size = image_size(k);
	if (!memory_find(size, &base)) {
		format_string(failure.text, sizeof failure.text,
		        "not enough memory: no room for the kernel (%u KiB of %u KiB usable)", (uint32_t)(size >> 10),
		        (uint32_t)(memory_map_usable(memory_map()) >> 10));
		return fail(BOOT_ERROR_MEMORY);
	}
	memory_map_take(memory_map(), base, size, BOOT_MEMORY_KERNEL);
	*physical = base;
	return true;
}

static bool place_fixed(const struct image_kernel *k, uint32_t *physical)
{
	for (uint32_t i = 0; i < k->segment_count; i++) {
		const struct image_segment *s = &k->segment[i];
		uint64_t base = page_down(s->physical_address), end = page_up(s->physical_address + s->memory_size);
		if (end > FOUR_GIB || !memory_map_take(memory_map(), base, end - base, BOOT_MEMORY_KERNEL)) {
			format_string(failure.text, sizeof failure.text,
			        "the kernel wants memory at %llx to %llx, which is not free here",
			        (unsigned long long)base, (unsigned long long)end);
			return fail(BOOT_ERROR_KERNEL_PLACE);
		}
	}
	*physical = page_down(k->segment[0].physical_address);
	return true;
}

/* Zeroes what is not read from the file: of the segment's pages, and of the room up to the next one's in one piece. */
static void clear_around(const struct image_kernel *k, uint32_t i, char *to)
{
	const struct image_segment *s = &k->segment[i];
	bool last = !is_relocatable(k) || i + 1 == k->segment_count;
	uint64_t end = last ? page_up(s->virtual_address + s->memory_size) : page_down(s[1].virtual_address);
	uint32_t before = s->virtual_address % PAGE_SIZE;
	memset(to - before, 0, before);
	memset(to + s->file_size, 0, end - s->virtual_address - s->file_size);
}

static bool load_segments(const struct image_kernel *k, const struct verify_source *source, uint32_t physical)
{
	uint32_t blocks = 0; /* of the file, less those in no segment */
	for (uint32_t i = 0; i < k->segment_count; i++)
		blocks += k->segment[i].block_count;
	progress_begin(k->file.name, blocks);
	for (uint32_t i = 0; i < k->segment_count; i++) {
		const struct image_segment *s = &k->segment[i];
		char *to = (char *)kernel_image_place(k, s, physical);
		clear_around(k, i, to);
		if (s->file_size && !verify_load(source, s->file_offset, s->file_size, to))
			return fail_by_complaint(BOOT_ERROR_KERNEL);
	}
	return true;
}

static bool relocate(const struct image_kernel *k, uint32_t physical, uint64_t slide)
{
	const char *why;
	if (elf64_relocate((void *)physical, image_size(k), image_base(k), k->dynamic, slide, &why) == 0)
		return true;
	format_string(failure.text, sizeof failure.text, "%s: %s", k->file.name, why);
	return fail(BOOT_ERROR_RELOCATION);
}

static bool load_slot(const struct image_header *header, unsigned slot, struct boot_kernel *kernel)
{
	const struct image_kernel *k = &header->kernel[slot], *other = &header->kernel[!slot];
	struct verify_source source;
	uint32_t physical;
	/* First its place: a fixed kernel's must not be taken by its own table. */
	if (!(is_relocatable(k) ? place_relocatable(k, &physical) : place_fixed(k, &physical)))
		return false;
	if (!image_file_open(&source, &k->file, image_file_is_same(&k->file, &other->file) ? &other->file : NULL, slot))
		return fail_by_complaint(BOOT_ERROR_KERNEL);
	if (!full_check_source(&source, k->file.sha256))
		return fail_by_complaint(BOOT_ERROR_SHA256);
	if (!load_segments(k, &source, physical))
		return false;
	if (is_relocatable(k) && !relocate(k, physical, 0))
		return false;
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
		console_print(CONSOLE_NOTE, "Slot %c: %s\n", 'A' + *slot, failure.text);
	}
	boot_fail(failure.error, "%s", failure.text);
}
