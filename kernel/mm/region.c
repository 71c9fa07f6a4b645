/*
 * Addresses are given out in slots, whose sizes are 16 KiB and its doubles. Each size has a window of addresses of its
 * own, so the slot of any address is found by arithmetic:
 *
 *     | guard page | pages of the region | the rest, at least one page: guard |
 *
 * The guard page at a slot's start has a page table entry that the CPU does not look into. It holds all there is to
 * know of the slot: a kind, and the region's name or, in a slot that was given back, the next one that was.
 */
#include "mm/region.h"

#include <stdbool.h>

#include "core/describer.h"
#include "core/panic.h"
#include "core/spinlock.h"
#include "lib/format.h"
#include "mm/frames.h"
#include "mm/kernel_map.h"
#include "paging.h"

#define GUARDS        2
#define WINDOW_SIZE   (1ull << 34)
#define SMALLEST_SLOT (4 * PAGE_SIZE)
#define SIZES         20u /* the largest is half a window */

_Static_assert(REGION_START + 32 * WINDOW_SIZE == REGION_END && SIZES <= 32, "windows fit");
_Static_assert(SMALLEST_SLOT << (SIZES - 1) <= WINDOW_SIZE, "slots fit");

enum kind { SLOT_UNUSED, SLOT_GIVEN_BACK, SLOT_MEMORY, SLOT_DEVICE };

static struct spinlock lock = SPINLOCK(RANK_REGIONS, "regions");

static struct window {
	uint64_t given_back; /* the first of the slots that were, 0 for none */
	uint64_t used;       /* bytes of the window that ever were in slots */
} windows[SIZES];

static uint64_t slot_size(unsigned int window)
{
	return SMALLEST_SLOT << window;
}

static uint64_t slot_of(uint64_t address)
{
	return address & ~(slot_size((unsigned int)((address - REGION_START) / WINDOW_SIZE)) - 1);
}

/* An address of the kernel's half survives the shifts: its highest 17 bits are alike. */
static int64_t make_note(enum kind kind, uint64_t value)
{
	return (int64_t)(value << 2) | kind;
}

static enum kind kind_of(int64_t note)
{
	return note & 3;
}

static uint64_t value_of(int64_t note)
{
	return (uint64_t)(note >> 2);
}

/* A slot for that many pages and the guards, with its note written; 0 if there is none. */
static uint64_t take_slot(uint64_t pages, enum kind kind, const char *name)
{
	unsigned int size = 0;
	struct window *window;
	uint64_t flags, slot;

	while (size < SIZES && slot_size(size) / PAGE_SIZE < pages + GUARDS)
		size++;
	if (size == SIZES)
		return 0;
	window = &windows[size];
	flags = spin_lock(&lock);
	slot = window->given_back;
	if (slot == 0 && window->used < WINDOW_SIZE)
		slot = REGION_START + size * WINDOW_SIZE + window->used;
	if (slot != 0) {
		uint64_t next = value_of(kernel_map_note(slot));

		if (kernel_map_set_note(slot, make_note(kind, (uint64_t)name)) != 0)
			slot = 0;
		else if (slot == window->given_back)
			window->given_back = next;
		else
			window->used += slot_size(size);
	}
	spin_unlock(&lock, flags);
	return slot;
}

static void give_slot(uint64_t slot)
{
	struct window *window = &windows[(slot - REGION_START) / WINDOW_SIZE];
	uint64_t flags = spin_lock(&lock);

	kernel_map_set_note(slot, make_note(SLOT_GIVEN_BACK, window->given_back)); /* the table for it is there */
	window->given_back = slot;
	spin_unlock(&lock, flags);
}

/* The frames behind the pages of a slot, each with the next one as its data; 0: there are none. */
static uint64_t chain_frames(uint64_t slot)
{
	struct paging_walk walk;
	uint64_t chain = 0;

	for (uint64_t page = slot + PAGE_SIZE; (walk = paging_look_up(page)).mapped; page += PAGE_SIZE) {
		frames_find(walk.physical)->owner_data = chain;
		chain = walk.physical;
	}
	return chain;
}

/*
 * Ends the mappings of a slot, and gives the memory back if that is what they are. All at once: so other CPUs are told
 * once, before any of the memory can be somebody else's, and page tables go, too.
 */
static void clear_slot(uint64_t slot, enum kind kind)
{
	uint64_t size = slot_size((unsigned int)((slot - REGION_START) / WINDOW_SIZE));
	uint64_t chain = kind == SLOT_MEMORY ? chain_frames(slot) : 0;

	kernel_map_remove(slot + PAGE_SIZE, size - PAGE_SIZE);
	while (chain != 0) {
		uint64_t next = frames_find(chain)->owner_data;

		frames_free(chain);
		chain = next;
	}
}

static bool add_page(uint64_t address)
{
	uint64_t frame = frames_allocate(0, FRAMES_ZERO);

	if (frame == 0)
		return false;
	if (kernel_map_add(address, frame, PAGE_SIZE, PAGE_WRITABLE | PAGE_NO_EXECUTE) == 0)
		return true;
	frames_free(frame);
	return false;
}

void *region_allocate(size_t size, const char *name)
{
	uint64_t pages = size / PAGE_SIZE + (size % PAGE_SIZE != 0);
	uint64_t slot = take_slot(pages, SLOT_MEMORY, name);

	if (slot == 0)
		return NULL;
	for (uint64_t page = 1; page <= pages; page++) {
		if (!add_page(slot + page * PAGE_SIZE)) {
			clear_slot(slot, SLOT_MEMORY);
			give_slot(slot);
			return NULL;
		}
	}
	return (void *)(slot + PAGE_SIZE);
}

void *region_map_device(uint64_t physical, size_t size, enum region_cache cache, const char *name)
{
	uint64_t offset = physical % PAGE_SIZE;
	uint64_t pages = size / PAGE_SIZE + (size % PAGE_SIZE + offset + PAGE_SIZE - 1) / PAGE_SIZE;
	uint64_t bits = cache == REGION_WRITE_COMBINING ? PAGE_WRITE_COMBINING : PAGE_UNCACHED;
	uint64_t slot = paging_is_physical(physical, size) ? take_slot(pages, SLOT_DEVICE, name) : 0;

	if (slot == 0)
		return NULL;
	if (kernel_map_add(slot + PAGE_SIZE, physical - offset, pages * PAGE_SIZE,
	            bits | PAGE_WRITABLE | PAGE_NO_EXECUTE) != 0) {
		give_slot(slot);
		return NULL;
	}
	return (void *)(slot + PAGE_SIZE + offset);
}

static bool is_region_address(uint64_t address)
{
	return address >= REGION_START && address < REGION_START + SIZES * WINDOW_SIZE;
}

void region_free(void *region)
{
	uint64_t address = (uint64_t)region;
	uint64_t slot = is_region_address(address) ? slot_of(address) : 0;
	enum kind kind = slot != 0 ? kind_of(kernel_map_note(slot)) : SLOT_UNUSED;
	bool begins = address - slot < 2 * PAGE_SIZE && address - slot >= PAGE_SIZE;

	if (region == NULL)
		return;
	if ((kind != SLOT_MEMORY && kind != SLOT_DEVICE) || !begins || (kind == SLOT_MEMORY && address % PAGE_SIZE))
		panic("region_free(%p): no region begins there.", region);
	clear_slot(slot, kind);
	give_slot(slot);
}

const char *region_name(uint64_t address)
{
	int64_t note = is_region_address(address) ? kernel_map_note(slot_of(address)) : 0;

	return kind_of(note) == SLOT_MEMORY || kind_of(note) == SLOT_DEVICE ? (const char *)value_of(note) : NULL;
}

static bool describe(uint64_t address, char *text, size_t size)
{
	uint64_t slot;
	int64_t note;

	if (!is_region_address(address))
		return false;
	slot = slot_of(address);
	note = kernel_map_note(slot);
	if (kind_of(note) == SLOT_UNUSED || kind_of(note) == SLOT_GIVEN_BACK) {
		format_string(text, size, "kernel region that %s",
		        kind_of(note) == SLOT_UNUSED ? "nobody has" : "was given back");
		return true;
	}
	if (address - slot < PAGE_SIZE)
		format_string(text, size, "guard page below %s", (const char *)value_of(note));
	else if (!paging_look_up(address).mapped)
		format_string(text, size, "guard page above %s", (const char *)value_of(note));
	else
		format_string(text, size, "%s, byte %jx of its pages", (const char *)value_of(note),
		        (uintmax_t)(address - slot - PAGE_SIZE));
	return true;
}

void region_start(void)
{
	static struct describer describer = {.describe = describe};

	describer_add(&describer);
}
