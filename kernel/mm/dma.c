#include "mm/dma.h"

#include "abi/errno.h"
#include "mm/frames.h"
#include "paging.h"

/* The largest zone that lies below the limit; where none does, the lowest, and the result is looked at. */
static unsigned int flags_for(uint64_t limit)
{
	if (limit >= FRAMES_END)
		return 0;
	return limit >= 1ull << 32 ? FRAMES_BELOW_4G : FRAMES_BELOW_16M;
}

int dma_allocate(struct dma_memory *dma, size_t size, uint64_t limit)
{
	unsigned int order = 0;

	*dma = (struct dma_memory){0};
	if (size == 0 || size > DMA_SIZE_MAX)
		return -EINVAL;
	while (PAGE_SIZE << order < size)
		order++;
	dma->physical = frames_allocate(order, flags_for(limit) | FRAMES_ZERO);
	if (dma->physical == 0)
		return -ENOMEM;
	if (limit - dma->physical < size || limit < dma->physical) {
		frames_free(dma->physical);
		dma->physical = 0;
		return -ENOMEM;
	}
	dma->memory = paging_direct(dma->physical);
	dma->size = size;
	return 0;
}

void dma_free(struct dma_memory *dma)
{
	if (dma->physical != 0)
		frames_free(dma->physical);
	*dma = (struct dma_memory){0};
}
