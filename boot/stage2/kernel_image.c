#include "kernel_image.h"

#include "console.h"
#include "full_check.h"
#include "image_file.h"
#include "kernel_place.h"
#include "layout.h"
#include "ledger.h"
#include "lib/elf64.h"
#include "lib/format.h"
#include "lib/image.h"
#include "lib/lz4.h"
#include "lib/string.h"
#include "memory.h"
#include "panic.h"
#include "progress.h"
#include "verify.h"

#define FOUR_GIB     0x100000000ull
#define SMALL_THINGS 0x100000u /* page tables, boot information, stack, tables of checks: 1 MiB is plenty */

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

static void say_no_room(const char *purpose, uint64_t size)
{
	format_string(failure.text, sizeof failure.text,
	        "not enough memory: no room %s the kernel (%u KiB of %u KiB usable)", purpose, (uint32_t)(size >> 10),
	        (uint32_t)(memory_map_usable(memory_map()) >> 10));
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

/* What the modules want, in one piece for all, and their tables. */
static uint64_t room_for_modules(const struct image_header *header, uint32_t modules)
{
	uint64_t room = 0;
	for (uint32_t i = 0; i < header->module_count; i++)
		if (modules & 1u << i)
			room += page_up(header->module[i].size) +
			        page_up(image_block_count(header->module[i].size) * sizeof(uint32_t));
	return room;
}

static uint64_t room_to_unpack(const struct image_file *file)
{
	return file->unpacked_size ? lz4_room(file->size, file->unpacked_size) : 0;
}

/* What is yet to find memory when the kernel has its own, what is small besides: its file, while that is unpacked, or
 * then the modules. */
static uint64_t room_for_the_rest(const struct image_kernel *k, uint64_t modules)
{
	uint64_t unpacking = room_to_unpack(&k->file);
	return SMALL_THINGS + (modules > unpacking ? modules : unpacking);
}

static bool place_relocatable(const struct image_kernel *k, uint64_t modules, uint32_t *physical)
{
	uint64_t base, size = image_size(k);
	if (!kernel_place_find(size, room_for_the_rest(k, modules), &base)) {
		say_no_room("for", size);
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

/* Reads a packed kernel, all of it checked, and unpacks it over itself. NULL: see `failure`. */
static const char *unpack(const struct image_file *file, const struct verify_source *source)
{
	uint64_t base, room = room_to_unpack(file);
	if (!memory_find_for_a_while(room, &base)) {
		say_no_room("to unpack", room);
		fail(BOOT_ERROR_MEMORY);
		return NULL;
	}
	char *to = (char *)(uint32_t)base, *packed = to + (uint32_t)(room - file->size);
	progress_begin(file->name, image_block_count(file->size));
	if (!verify_load(source, 0, file->size, packed)) {
		fail_by_complaint(BOOT_ERROR_KERNEL);
		return NULL;
	}
	ledger_end(LEDGER_READ);
	bool is_whole = lz4_unpack(packed, file->size, to, file->unpacked_size);
	ledger_end(LEDGER_UNPACK);
	if (is_whole)
		return to;
	format_string(failure.text, sizeof failure.text, "%s: does not unpack to the %u bytes that it should have",
	        file->name, file->unpacked_size);
	fail(BOOT_ERROR_KERNEL);
	return NULL;
}

/* From the disk. */
static bool read_segments(const struct image_kernel *k, const struct verify_source *source, uint32_t physical)
{
	uint32_t blocks = 0; /* of the file, less those in no segment */
	for (uint32_t i = 0; i < k->segment_count; i++)
		blocks += k->segment[i].block_count;
	progress_begin(k->file.name, blocks);
	for (uint32_t i = 0; i < k->segment_count; i++) {
		const struct image_segment *s = &k->segment[i];
		char *to = (char *)kernel_image_place(k, s, physical);
		ledger_end(LEDGER_READ);
		clear_around(k, i, to);
		ledger_end(LEDGER_ROOM);
		if (s->file_size && !verify_load(source, s->file_offset, s->file_size, to))
			return fail_by_complaint(BOOT_ERROR_KERNEL);
	}
	return true;
}

/* From the kernel's file in memory. */
static void copy_segments(const struct image_kernel *k, const char *unpacked, uint32_t physical)
{
	for (uint32_t i = 0; i < k->segment_count; i++) {
		const struct image_segment *s = &k->segment[i];
		char *to = (char *)kernel_image_place(k, s, physical);
		clear_around(k, i, to);
		memcpy(to, unpacked + (uint32_t)s->file_offset, s->file_size);
	}
	ledger_end(LEDGER_ROOM);
}

/* Packed, it is read once for both the whole check and the segments; else once for each. */
static bool load_segments(const struct image_kernel *k, const struct verify_source *source, uint32_t physical)
{
	const struct image_file *file = &k->file;
	if (!file->unpacked_size) {
		if (!full_check_source(source, file->sha256))
			return fail_by_complaint(BOOT_ERROR_SHA256);
		return read_segments(k, source, physical);
	}
	const char *unpacked = unpack(file, source);
	if (!unpacked)
		return false;
	if (!full_check_memory(file->name, unpacked, file->unpacked_size, file->sha256))
		return fail_by_complaint(BOOT_ERROR_SHA256);
	copy_segments(k, unpacked, physical);
	return true;
}

/* What has passed its checks on the way is also what lies in memory now: unpacked right, and memory that keeps it. */
static bool has_arrived(const struct image_kernel *k, uint32_t physical)
{
	uint32_t crc = 0;
	for (uint32_t i = 0; i < k->segment_count; i++) {
		const void *bytes = (const void *)kernel_image_place(k, &k->segment[i], physical);
		crc = crc32c(verify_table(), crc, bytes, k->segment[i].file_size);
	}
	ledger_end(LEDGER_CHECK);
	if (crc == k->loaded_crc32c)
		return true;
	format_string(failure.text, sizeof failure.text,
	        "%s: was read whole and is damaged in memory (CRC32C %08x, not %08x)", k->file.name, crc,
	        k->loaded_crc32c);
	return fail(BOOT_ERROR_KERNEL);
}

static bool relocate(const struct image_kernel *k, uint32_t physical, uint64_t slide)
{
	const char *why;
	if (elf64_relocate((void *)physical, image_size(k), image_base(k), k->dynamic, slide, &why) == 0)
		return true;
	format_string(failure.text, sizeof failure.text, "%s: %s", k->file.name, why);
	return fail(BOOT_ERROR_RELOCATION);
}

static bool load_slot(const struct image_header *header, unsigned slot, uint64_t modules, struct boot_kernel *kernel)
{
	const struct image_kernel *k = &header->kernel[slot], *other = &header->kernel[!slot];
	struct verify_source source;
	uint32_t physical;
	uint64_t slide = is_relocatable(k) ? kernel_place_slide(image_base(k), image_size(k)) : 0;
	/* First its place: a fixed kernel's must not be taken by its own table. */
	if (!(is_relocatable(k) ? place_relocatable(k, modules, &physical) : place_fixed(k, &physical)))
		return false;
	ledger_end(LEDGER_PLACE);
	if (!image_file_open(&source, &k->file, image_file_is_same(&k->file, &other->file) ? &other->file : NULL, slot))
		return fail_by_complaint(BOOT_ERROR_KERNEL);
	if (!load_segments(k, &source, physical))
		return false;
	ledger_end(LEDGER_READ);
	if (!has_arrived(k, physical))
		return false;
	if (is_relocatable(k) && !relocate(k, physical, slide))
		return false;
	ledger_end(LEDGER_RELOCATE);
	*kernel = (struct boot_kernel){
	        .physical = physical,
	        .base_virtual = image_base(k) + slide,
	        .size = image_size(k),
	        .slide = slide,
	        .entry_virtual = k->entry + slide,
	};
	return true;
}

const struct image_kernel *kernel_image_load(
        const struct image_header *header, const struct start *start, struct boot_kernel *kernel, uint8_t *slot)
{
	uint64_t modules = room_for_modules(header, start->modules);
	for (unsigned try = 0; try < IMAGE_SLOT_COUNT; try++) {
		*slot = start->slot ^ try;
		if (header->kernel[*slot].file.size == 0)
			continue;
		memory_save();
		if (load_slot(header, *slot, modules, kernel))
			return &header->kernel[*slot];
		memory_restore();
		console_print(CONSOLE_NOTE, "Slot %c: %s\n", 'A' + *slot, failure.text);
	}
	boot_fail(failure.error, "%s", failure.text);
}
