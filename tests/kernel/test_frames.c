/*
 * Frames of this machine's memory. The thorough tests are those on the host; here the memory itself is looked at.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "abi/errno.h"
#include "core/describer.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/chunk.h"
#include "mm/dma.h"
#include "mm/frames.h"
#include "mm/memory_map.h"
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

#define BLOCKS_MAX 512u /* 2 GiB: more would take as much of the host's memory */

/* All large blocks there are, in a list that stands in the frame database; on a small machine each is written to. */
KERNEL_TEST(frames_of_all_memory)
{
	uint64_t before = frames_count().free;
	bool is_small = before < 1u << 18;
	uint64_t list = 0, physical, count = 0;

	while (count < BLOCKS_MAX && (physical = frames_allocate(FRAMES_ORDER_MAX, 0)) != 0) {
		frames_find(physical)->owner_data = list;
		if (is_small)
			*(uint64_t *)paging_direct(physical) = physical;
		list = physical;
		count++;
	}
	EXPECT(count == BLOCKS_MAX || count << FRAMES_ORDER_MAX >= before / 2 || before < 16384);
	for (; list != 0; list = physical, count--) {
		EXPECT(!is_small || *(uint64_t *)paging_direct(list) == list);
		physical = frames_find(list)->owner_data;
		frames_free(list);
	}
	EXPECT(count == 0);
	EXPECT(before - frames_count().free <= before / 160); /* what the database took: 24 bytes a frame and tables */
}

static bool describes(const void *address, const char *wanted)
{
	char text[DESCRIBER_TEXT_MAX];

	return describer_ask((uint64_t)address, text) && strncmp(text, wanted, strlen(wanted)) == 0;
}

KERNEL_TEST(frames_are_described)
{
	uint64_t physical = frames_allocate(1, 0);
	char wanted[DESCRIBER_TEXT_MAX];

	format_string(wanted, sizeof(wanted), "RAM at %lx, in a block of 8 KiB, allocated by kernel_test_frames_are",
	        physical + 5000);
	EXPECT(describes((char *)paging_direct(physical) + 5000, wanted));
	frames_free(physical);
	format_string(wanted, sizeof(wanted), "free RAM at %lx, last freed by kernel_test_frames_are", physical);
	EXPECT(describes(paging_direct(physical), wanted));
	format_string(wanted, sizeof(wanted), "the frame database, entry for %lx", physical);
	EXPECT(describes(chunk_frame((uint32_t)(physical / PAGE_SIZE)), wanted));
	format_string(wanted, sizeof(wanted), "memory at %lx, not given out (kernel)", info->kernel.physical);
	EXPECT(describes(paging_direct(info->kernel.physical), wanted));
}

KERNEL_TEST(dma_memory)
{
	uint64_t free = frames_count().free, last;
	struct dma_memory dma;

	EXPECT(dma_allocate(&dma, 0x5000, 16 * MIB) == 0);
	EXPECT(dma.physical % 0x8000 == 0 && dma.physical + dma.size <= 16 * MIB && dma.size == 0x5000);
	EXPECT(dma.memory == paging_direct(dma.physical) && is_clear(dma.physical, dma.size));
	last = dma.physical;
	dma_free(&dma);
	EXPECT(dma.physical == 0);
	EXPECT(dma_allocate(&dma, 1, 0x1000) == -ENOMEM && dma.physical == 0);
	EXPECT(dma_allocate(&dma, 0x5000, last + 0x4fff) == -ENOMEM || dma.physical + 0x5000 <= last + 0x4fff);
	dma_free(&dma);
	EXPECT(dma_allocate(&dma, 100, UINT64_MAX) == 0);
	dma_free(&dma);
	EXPECT(dma_allocate(&dma, 0, UINT64_MAX) == -EINVAL);
	EXPECT(dma_allocate(&dma, DMA_SIZE_MAX + 1, UINT64_MAX) == -EINVAL);
	EXPECT(frames_count().free + 64 > free); /* a chunk's database may have been opened on the way */
}

/* Where RAM ends in the middle of a chunk, the database says of what is behind it that nobody manages it. */
KERNEL_TEST(frames_behind_the_end)
{
	uint64_t behind = (memory_map_ram_end(info) + 4 * MIB - 1) & ~(4 * MIB - 1);
	const struct frame *frame = frames_find(behind);

	if (frame == NULL)
		SKIP("RAM ends where a chunk does");
	EXPECT(frame->state == FRAME_INSIDE);
	EXPECT(frames_find_block(behind) == NULL);
}
