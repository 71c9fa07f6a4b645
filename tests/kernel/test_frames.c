/*
 * Frames of this machine's memory. The thorough tests are those on the host; here the memory itself is looked at.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "lib/string.h"
#include "mm/frames.h"
#include "paging.h"

#define MIB 0x100000ull

static bool is_usable(const struct boot_info *info, uint64_t base, uint64_t size)
{
	const struct boot_memory_range *map = paging_direct(info->memory_map);

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		bool fits = base >= map[i].base && base + size <= map[i].base + map[i].size;

		if (fits && (map[i].type == BOOT_MEMORY_USABLE || map[i].type == BOOT_MEMORY_LOADER))
			return true;
	}
	return false;
}

static bool is_clear(uint64_t physical, uint64_t size)
{
	const uint64_t *words = paging_direct(physical);

	for (uint64_t i = 0; i < size / sizeof(*words); i++) {
		if (words[i] != 0)
			return false;
	}
	return true;
}

KERNEL_TEST(frames_of_every_order)
{
	uint64_t before = frames_count().free;

	for (unsigned int order = 0; order <= FRAMES_ORDER_MAX; order++) {
		uint64_t size = PAGE_SIZE << order;
		uint64_t physical = frames_allocate(order, 0);

		if (physical == 0 && order > 0 && frames_count().free < 4096)
			break; /* a machine this small need not have it */
		EXPECT(physical != 0 && physical % size == 0 && is_usable(info, physical, size));
		memset(paging_direct(physical), 0x5a, size);
		frames_free(physical);
		physical = frames_allocate(order, FRAMES_ZERO);
		EXPECT(physical != 0 && is_clear(physical, size));
		frames_free(physical);
	}
	frames_drain();
	EXPECT(frames_count().free >= before - 32);
}

KERNEL_TEST(frames_of_a_zone)
{
	uint64_t low = frames_allocate(1, FRAMES_BELOW_16M);
	uint64_t middle = frames_allocate(0, FRAMES_BELOW_4G);

	EXPECT(low != 0 && low + 2 * PAGE_SIZE <= 16 * MIB && is_usable(info, low, 2 * PAGE_SIZE));
	EXPECT(middle != 0 && middle + PAGE_SIZE <= 4096 * MIB);
	frames_free(low);
	frames_free(middle);
}

KERNEL_TEST(frames_know_their_owner)
{
	uint64_t physical = frames_allocate(2, 0);
	struct frame *f = frames_find(physical);

	EXPECT(f != NULL && f->state == FRAME_ALLOCATED && f->order == 2 && f->owner_data == 0);
	EXPECT(frames_find_block(physical + 3 * PAGE_SIZE + 5) == f);
	frames_free(physical);
	EXPECT(f->state != FRAME_ALLOCATED);
	EXPECT(frames_find(1ull << 45) == NULL);
	EXPECT(frames_find_block(0) == NULL);
}
