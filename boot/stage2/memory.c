/* ACPI 6.5, chapter 15.1 (INT 15h, E820h); E801h and 88h are older BIOSes' calls. */
#include "memory.h"

#include "bios.h"
#include "console.h"
#include "layout.h"
#include "lib/string.h"
#include "panic.h"

#define SMAP      0x534d4150u /* "SMAP" */
#define KIB       1024u
#define MIB       (1024u * KIB)
#define LOW_END   0xa0000u /* where the video memory begins */
#define LOW_LEAST 0x80000u /* a BIOS that claims less is not believed */
#define FOUR_GIB  0x100000000ull

#define BLACK_BOX_ADDRESS MIB /* below the kernel's slots, and outside what firmware clears on a warm reset */
#define BLACK_BOX_SIZE    (64 * KIB)

static struct {
	struct boot_raw_range raw[MEMORY_RAW_MAX + 2]; /* and two of our own */
	uint32_t raw_count;
	struct memory_map map, saved;
	struct ram_range ram[MEMORY_MAP_MAX];
	uint32_t ram_count;
	uint32_t smp_frames;
} memory;

static void add(uint64_t base, uint64_t size, uint32_t type)
{
	memory.raw[memory.raw_count++] = (struct boot_raw_range){base, size, type, 1};
}

/* False when the BIOS does not know the call, or loses its way in the middle of it: half a list is worth nothing. */
static bool ask_e820(void)
{
	struct bios_registers r = {0};
	struct boot_raw_range *entry;
	do {
		if (memory.raw_count == MEMORY_RAW_MAX) {
			console_print(CONSOLE_NOTE,
			        "The firmware's memory map has more than %u ranges; the rest is not used\n",
			        MEMORY_RAW_MAX);
			return true;
		}
		entry = &memory.raw[memory.raw_count];
		*entry = (struct boot_raw_range){.attributes = 1}; /* older BIOSes return 20 bytes, without them */
		uint32_t next = r.ebx;
		r = (struct bios_registers){.eax = 0xe820, .ebx = next, .ecx = sizeof *entry, .edx = SMAP};
		r.es = bios_segment(entry);
		r.edi = bios_offset(entry);
		bios_call(0x15, &r);
		if (bios_failed(&r))
			return memory.raw_count > 0; /* some end the list this way */
		if (r.eax != SMAP)
			return false;
		memory.raw_count++;
	} while (r.ebx != 0);
	return true;
}

static bool ask_e801(void)
{
	struct bios_registers r = {.eax = 0xe801};
	bios_call(0x15, &r);
	if (bios_failed(&r))
		return false;
	/* KiB from 1 to 16 MiB, and 64 KiB pieces above it; some BIOSes answer in ax and bx, others in cx and dx. */
	uint32_t below = r.ecx & 0xffff ? r.ecx & 0xffff : r.eax & 0xffff;
	uint32_t above = r.ecx & 0xffff ? r.edx & 0xffff : r.ebx & 0xffff;
	if (below == 0 || below > 15 * KIB)
		return false;
	add(MIB, (uint64_t)below * KIB, BOOT_MEMORY_USABLE);
	if (above)
		add(16 * MIB, (uint64_t)above * 64 * KIB, BOOT_MEMORY_USABLE);
	return true;
}

static bool ask_88(void)
{
	struct bios_registers r = {.eax = 0x8800};
	bios_call(0x15, &r);
	if (bios_failed(&r) || (r.eax & 0xffff) == 0)
		return false;
	add(MIB, (uint64_t)(r.eax & 0xffff) * KIB, BOOT_MEMORY_USABLE);
	return true;
}

/* Where low memory ends: the least of what INT 12h and the data area say. E820 may say less again, and then wins. */
static uint32_t low_memory_end(void)
{
	struct bios_registers r = {0};
	bios_call(0x12, &r);
	uint32_t end = (r.eax & 0xffff) * KIB;
	uint32_t ebda = low_read16(BIOS_DATA_EBDA) << 4;
	if (ebda >= LOW_LEAST && ebda < end)
		end = ebda;
	return end >= LOW_LEAST && end <= LOW_END ? end : LOW_LEAST;
}

static enum boot_memory_source ask_firmware(uint32_t low_end)
{
	if (ask_e820())
		return BOOT_MEMORY_FROM_E820;
	memory.raw_count = 0;
	bool e801 = ask_e801();
	if (!e801 && !ask_88())
		boot_fail(BOOT_ERROR_MEMORY_MAP,
		        "the firmware does not say where memory is (E820, E801 and 88h all failed)");
	add(0, low_end, BOOT_MEMORY_USABLE);
	return e801 ? BOOT_MEMORY_FROM_E801 : BOOT_MEMORY_FROM_88;
}

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

enum boot_memory_source memory_detect(void)
{
	uint32_t low_end = low_memory_end();
	enum boot_memory_source source = ask_firmware(low_end);
	uint32_t from_firmware = memory.raw_count;
	add(0, PAGE_SIZE, BOOT_MEMORY_RESERVED); /* interrupt table and BIOS data */
	add(low_end, LOW_END - low_end, BOOT_MEMORY_RESERVED);
	memory_map_clean(&memory.map, memory.raw, memory.raw_count);
	memory.raw_count = from_firmware;
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
	*count = memory.raw_count;
	return memory.raw;
}
