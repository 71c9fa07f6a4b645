#include "mm/heap_pages.h"

#include "mm/frames.h"
#include "mm/heap_slab.h"
#include "paging.h"

_Static_assert(HEAP_BLOCK_MAX == PAGE_SIZE << FRAMES_ORDER_MAX, "the largest block of frames there is");

static struct {
	uint64_t blocks, frames; /* changed by atomic instructions */
} pages;

static void count(uint64_t blocks, uint64_t frames)
{
	__atomic_fetch_add(&pages.blocks, blocks, __ATOMIC_RELAXED);
	__atomic_fetch_add(&pages.frames, frames, __ATOMIC_RELAXED);
}

static unsigned int order_for(size_t size)
{
	unsigned int order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

void *heap_pages_allocate(size_t size, size_t align)
{
	unsigned int order;
	uint64_t physical;

	if (size > HEAP_BLOCK_MAX || align > HEAP_BLOCK_MAX)
		return NULL;
	order = order_for(size > align ? size : align);
	physical = frames_allocate(order, 0);
	if (physical == 0 && heap_trim())
		physical = frames_allocate(order, 0);
	if (physical == 0)
		return NULL;
	frames_find(physical)->owner_data = heap_owner_data(HEAP_NUMBER_PAGES, 0);
	count(1, 1ull << order);
	return paging_direct(physical);
}

void heap_pages_free(void *block)
{
	uint64_t physical = paging_physical(block);
	struct frame *frame = frames_find(physical);

	count(-1ull, -(1ull << frame->order));
	frame->owner_data = 0;
	frames_free(physical);
}

size_t heap_pages_size(const void *block)
{
	return PAGE_SIZE << frames_find(paging_physical(block))->order;
}

bool heap_pages_find(uint64_t address, uint64_t *start)
{
	const struct frame *frame = frames_find_block(paging_physical((const void *)address));

	if (frame == NULL || frame->state != FRAME_ALLOCATED ||
	        heap_owner_number(frame->owner_data) != HEAP_NUMBER_PAGES)
		return false;
	*start = address & ~((PAGE_SIZE << frame->order) - 1);
	return true;
}

struct heap_count heap_pages_count(void)
{
	return (struct heap_count){.frames = pages.frames, .blocks = pages.blocks, .bytes = pages.frames * PAGE_SIZE};
}
