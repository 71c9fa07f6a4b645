/*
 * Regions of the kernel's address space: memory with guard pages, and device memory, by using them.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "core/describer.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "mm/region.h"
#include "paging.h"
#include "probe.h"

#define SIZE (3 * PAGE_SIZE)

static bool describes(uint64_t address, const char *wanted)
{
	char text[DESCRIBER_TEXT_MAX];

	return describer_ask(address, text) && strcmp(text, wanted) == 0;
}

KERNEL_TEST(region_has_guards)
{
	char *region = region_allocate(SIZE, "test region");
	uint64_t address = (uint64_t)region;

	EXPECT(region != NULL && address % PAGE_SIZE == 0);
	for (unsigned int i = 0; i < SIZE; i++)
		EXPECT(region[i] == 0);
	memset(region, 0x5a, SIZE);
	EXPECT(probe_write(address - 1, 0).faulted && probe_write(address + SIZE, 0).faulted);
	EXPECT(describes(address - 1, "guard page below test region"));
	EXPECT(describes(address + SIZE, "guard page above test region"));
	EXPECT(describes(address + 5, "test region, byte 5 of its pages"));
	region_free(region);
	EXPECT(probe_read(address).faulted);
	EXPECT(describes(address, "kernel region that was given back"));
}

KERNEL_TEST(region_addresses_are_used_again)
{
	void *first = region_allocate(SIZE, "first");
	void *second = region_allocate(SIZE, "second");
	uint64_t free;

	EXPECT(first != NULL && second != NULL && first != second);
	region_free(first);
	EXPECT(region_allocate(SIZE, "third") == first);
	region_free(first);
	region_free(second);
	free = frames_count().free;
	for (unsigned int i = 0; i < 1000; i++)
		region_free(region_allocate(SIZE, "again"));
	EXPECT(frames_count().free == free);
}

/* The text screen, seen from another address. */
KERNEL_TEST(region_of_a_device)
{
	uint64_t physical = info->text_screen.base + 2;
	volatile uint8_t *there, *here = (uint8_t *)info->text_screen.base_virtual + 2;
	struct paging_walk walk;
	uint8_t before, other;

	if (info->text_screen.base == 0)
		SKIP("no text screen");
	there = region_map_device(physical, 1, REGION_WRITE_COMBINING, "text screen");
	EXPECT(there != NULL);
	walk = paging_look_up((uint64_t)there);
	EXPECT(walk.mapped && walk.writable && walk.physical == physical);
	EXPECT((walk.entry & PAGE_UNCACHED) == PAGE_WRITE_COMBINING);
	before = *here;
	other = before == 'x' ? 'y' : 'x';
	*there = other;
	EXPECT(*here == other);
	*here = before;
	region_free((void *)there);
	there = region_map_device(physical, 2 * PAGE_SIZE, REGION_UNCACHED, "text screen");
	walk = paging_look_up((uint64_t)there + 2 * PAGE_SIZE - 1);
	EXPECT(walk.mapped && (walk.entry & PAGE_UNCACHED) == PAGE_UNCACHED);
	EXPECT(!paging_look_up((uint64_t)there + 3 * PAGE_SIZE).mapped);
	region_free((void *)there);
}

KERNEL_TEST(region_too_large)
{
	uint64_t pages = frames_count().free + 1;
	uint64_t free;

	EXPECT(region_allocate(SIZE_MAX, "too large") == NULL);
	EXPECT(region_map_device(0, 1ull << 40, REGION_UNCACHED, "too large") == NULL);
	if (pages > 1u << 16)
		SKIP("to use up all memory would take long");
	EXPECT(region_allocate(pages * PAGE_SIZE, "more than there is") == NULL); /* opens all memory */
	free = frames_count().free;
	EXPECT(region_allocate(pages * PAGE_SIZE, "more than there is") == NULL);
	EXPECT(frames_count().free == free);
	EXPECT(free + pages / 100 + 100 >= pages);
}
