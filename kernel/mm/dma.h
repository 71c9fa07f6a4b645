/*
 * Memory that devices read and write by themselves: contiguous, cleared, below an address the device can reach. On this
 * kind of machine their accesses and the CPU's see the same caches, so it is ordinary memory otherwise.
 */
#ifndef MM_DMA_H
#define MM_DMA_H

#include <stddef.h>
#include <stdint.h>

#define DMA_SIZE_MAX (4ull << 20)

struct dma_memory {
	void *memory;      /* as the kernel sees it */
	uint64_t physical; /* and the device */
	size_t size;
};

/*
 * [irq] `size` bytes, all below the physical address `limit`; UINT64_MAX for a device that reaches all. It begins at a
 * multiple of its size rounded up to a power of two (4 KiB at least): a piece of up to 64 KiB crosses no multiple of 64
 * KiB, as the oldest devices want it. 0; -EINVAL for 0 bytes or more than DMA_SIZE_MAX; -ENOMEM.
 */
int dma_allocate(struct dma_memory *dma, size_t size, uint64_t limit);

/* [irq] Gives it back; the device no longer touches it. Does nothing after a dma_allocate() that failed. */
void dma_free(struct dma_memory *dma);

#endif
