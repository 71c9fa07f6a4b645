#include "memory.h"

#include "bios.h"
#include "console.h"
#include "layout.h"
#include "lib/string.h"
#include "panic.h"
#include "raw_memory.h"

#define KIB      1024u
#define MIB      (1024u * KIB)
#define LOW_END  0xa0000u /* where the video memory begins */
#define FOUR_GIB 0x100000000ull

#define BLACK_BOX_ADDRESS MIB /* below the kernel's slots, and outside what firmware clears on a warm reset */
#define BLACK_BOX_SIZE    (64 * KIB)

static struct {
	struct raw_memory raw;
	struct memory_map map, saved;
	struct ram_range ram[MEMORY_MAP_MAX];
	uint32_t ram_count;
	uint32_t smp_frames;
} memory;

static void note_ram(void)
{
	for (uint32_t i = 0; i < memory.map.count; i++) {
		const struct boot_memory_range *range = &memory.map.range[i];
		struct ram_range *last = memory.ram_count ? &memory.ram[memory.ram_count - 1] : NULL;
		uint64_t end =
		        range->base + range->size < DIRECT_MAP_SIZE ? range->base + range->size : DIRECT_MAP_SIZE;
		if ((range->type != BOOT_MEMORY_USABLE && range->type != BOOT_MEMORY_ACPI_TABLES) || range->base >= end)
			continue;
		if (last && last->base + last->size == range->base)
			last->size = end - last->base;
		else
			memory.ram[memory.ram_count++] = (struct ram_range){range->base, end - range->base};
	}
}

/* Takes what is usable of so many pages: all at once as a rule, else half by half. */
static void take_usable(uint32_t base, uint32_t pages, uint32_t type)
{
	uint32_t half = pages / 2;
	if (memory_map_take(&memory.map, base, pages * PAGE_SIZE, type) || pages == 1)
		return;
	take_usable(base, half, type);
	take_usable(base + half * PAGE_SIZE, pages - half, type);
}

static void take_low_memory(void)
{
	uint64_t frames;
	take_usable(PAGE_SIZE, LOADER_LOW_END / PAGE_SIZE - 1, BOOT_MEMORY_LOADER);
	if (memory_map_find(&memory.map, 2 * PAGE_SIZE, PAGE_SIZE, LOADER_LOW_END, LOW_END, &frames) &&
	        memory_map_take(&memory.map, frames, 2 * PAGE_SIZE, BOOT_MEMORY_SMP))
		memory.smp_frames = frames;
}

/* There is firmware that calls some of it usable. */
static void reserve_video_and_roms(void)
{
	uint64_t page;
	while (memory_map_find(&memory.map, PAGE_SIZE, PAGE_SIZE, LOW_END, MIB, &page) &&
	        memory_map_take(&memory.map, page, PAGE_SIZE, BOOT_MEMORY_RESERVED))
		;
}

/* Is there memory in this page? The loader is not in it. */
static bool page_answers(uint32_t page)
{
	volatile uint32_t *last = low_memory(page + PAGE_SIZE - sizeof *last);
	uint32_t kept = *last;
	*last = ~page;
	__asm__ volatile("wbinvd"); /* or a cache would answer */
	bool answers = *last == ~page;
	*last = kept;
	return answers;
}

/* How many of these pages answer, from the first on; the last one speaks for all. */
static uint32_t answering_pages(uint32_t base, uint32_t pages)
{
	uint32_t good = 0, bad = pages;
	if (page_answers(base + (pages - 1) * PAGE_SIZE))
		return pages;
	while (good < bad) {
		uint32_t middle = good + (bad - good) / 2;
		if (page_answers(base + middle * PAGE_SIZE))
			good = middle + 1;
		else
			bad = middle;
	}
	return good;
}

/* What the firmware calls usable and is not there shows at a range's end. Below 1 MiB all is in use already, or, where
 * a kernel is unpacked, checked afterwards. Beyond 4 GiB the loader cannot look: who was wrong below is not believed
 * there, either. */
static void leave_out_missing(void)
{
	bool believed = true;
	for (uint32_t i = 0; i < memory.map.count; i++) {
		struct boot_memory_range range = memory.map.range[i];
		uint64_t end = range.base + range.size, there = believed ? end : range.base;
		if (range.type != BOOT_MEMORY_USABLE || range.base < MIB)
			continue;
		if (range.base < FOUR_GIB) {
			uint32_t pages = ((end < FOUR_GIB ? end : FOUR_GIB) - range.base) / PAGE_SIZE;
			uint32_t answering = answering_pages(range.base, pages);
			there = answering == pages ? end : range.base + (uint64_t)answering * PAGE_SIZE;
		}
		if (there == end)
			continue;
		believed = false;
		console_print(CONSOLE_NOTE, "The firmware calls %llx to %llx usable, but no memory answers\n",
		        (unsigned long long)there, (unsigned long long)(end - 1));
		memory_map_take(&memory.map, there, end - there, BOOT_MEMORY_BAD);
	}
}

enum boot_memory_source memory_detect(void)
{
	uint32_t low_end = raw_memory_low_end();
	enum boot_memory_source source = raw_memory_ask(&memory.raw);
	if (!source)
		boot_fail(BOOT_ERROR_MEMORY_MAP,
		        "the firmware does not say where memory is (E820, E801 and 88h all failed)");
	uint32_t from_firmware = memory.raw.count;
	raw_memory_add(&memory.raw, 0, PAGE_SIZE, BOOT_MEMORY_RESERVED); /* interrupt table and BIOS data */
	raw_memory_add(&memory.raw, low_end, LOW_END - low_end, BOOT_MEMORY_RESERVED);
	memory_map_clean(&memory.map, memory.raw.range, memory.raw.count);
	memory.raw.count = from_firmware;
	reserve_video_and_roms();
	leave_out_missing();
	note_ram();
	take_low_memory();
	return source;
}

void memory_check_size(const char *what, uint64_t size)
{
	if (size >= FOUR_GIB)
		boot_fail(BOOT_ERROR_MEMORY, "%s needs %u MiB, and the loader can reach 4 GiB only", what,
		        (uint32_t)(size >> 20));
}

bool memory_find(uint64_t size, uint64_t *base)
{
	return memory_map_find(&memory.map, size, PAGE_SIZE, BLACK_BOX_ADDRESS + BLACK_BOX_SIZE, FOUR_GIB, base) ||
	       memory_map_find(&memory.map, size, PAGE_SIZE, MIB, FOUR_GIB, base);
}

bool memory_find_for_a_while(uint64_t size, uint64_t *base)
{
	return memory_map_find(&memory.map, size, PAGE_SIZE, LOADER_LOW_END, LOW_END, base) || memory_find(size, base);
}

void *memory_claim(uint32_t size, uint32_t type, const char *purpose)
{
	uint64_t base;
	uint32_t whole = page_up(size);
	if (!memory_find(whole, &base) || !memory_map_take(&memory.map, base, whole, type))
		boot_fail(BOOT_ERROR_MEMORY, "not enough memory: no room for %s (%u KiB of %u KiB usable)", purpose,
		        whole / KIB, (uint32_t)(memory_map_usable(&memory.map) >> 10));
	return (void *)(uint32_t)base;
}

void *memory_allocate(uint32_t size, uint32_t type, const char *purpose)
{
	return memset(memory_claim(size, type, purpose), 0, page_up(size));
}

const void *memory_black_box(uint32_t *size)
{
	uint64_t base;
	bool usable = memory_map_find(
	        &memory.map, BLACK_BOX_SIZE, PAGE_SIZE, BLACK_BOX_ADDRESS, BLACK_BOX_ADDRESS + BLACK_BOX_SIZE, &base);
	*size = usable ? BLACK_BOX_SIZE : 0;
	return usable ? (const void *)BLACK_BOX_ADDRESS : NULL;
}

uint32_t memory_take_black_box(uint32_t *size)
{
	bool taken = memory_map_take(&memory.map, BLACK_BOX_ADDRESS, BLACK_BOX_SIZE, BOOT_MEMORY_BLACK_BOX);
	*size = taken ? BLACK_BOX_SIZE : 0;
	return taken ? BLACK_BOX_ADDRESS : 0;
}

void memory_save(void)
{
	memory.saved = memory.map;
}
void memory_restore(void)
{
	memory.map = memory.saved;
}

struct memory_map *memory_map(void)
{
	return &memory.map;
}

const struct ram_range *memory_ram(uint32_t *count)
{
	*count = memory.ram_count;
	return memory.ram;
}

uint32_t memory_smp_frames(void)
{
	return memory.smp_frames;
}

const struct boot_raw_range *memory_raw(uint32_t *count)
{
	*count = memory.raw.count;
	return memory.raw.range;
}
