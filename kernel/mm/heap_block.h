/*
 * Blocks of any size, without guards: a block of one of the classes below, or whole frames. What kmalloc and its kin
 * are made of, and what the guards of a debug build are put around.
 */
#ifndef MM_HEAP_BLOCK_H
#define MM_HEAP_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mm/chunk.h"
#include "mm/heap_pages.h"
#include "mm/heap_slab.h"
#include "paging.h"

#define HEAP_CLASS_MAX  3072u /* the largest class */
#define HEAP_CLASS_STEP 8u

/* The class for (size + 7) / 8; its number is that of its cache. Filled by heap_block_start(). */
extern uint8_t heap_class_of[HEAP_CLASS_MAX / HEAP_CLASS_STEP + 1];

/* [init] Makes the caches of the classes. */
void heap_block_start(void);

/* [irq] The block that an address lies in. */
struct heap_block {
	uint64_t start;
	uint64_t size;
	struct heap_cache *cache; /* NULL: whole frames */
	bool used;                /* as far as slabs know: a magazine's blocks count as used */
};
bool heap_block_find(uint64_t address, struct heap_block *block);

/* [irq] How many bytes a block has room for. */
size_t heap_block_size(const void *block);

/* [irq] As kmalloc_aligned. */
void *heap_block_allocate_aligned(size_t size, size_t align);

/* [irq] Panics: says what `address` is, which was freed as a block of that cache, or of the heap if `cache` is NULL. */
_Noreturn void heap_block_refuse(const void *address, const char *cache);

/* What remains to be done where a magazine does not serve. */
void *heap_block_allocate_slowly(size_t size);
void heap_block_free_slowly(void *block);
void heap_block_free_to_slowly(struct heap_cache *cache, void *block);

/* [irq] As kmalloc. */
static inline void *heap_block_allocate(size_t size)
{
	void *block = NULL;

	if (size <= HEAP_CLASS_MAX)
		block = heap_slab_get(heap_class_of[(size + HEAP_CLASS_STEP - 1) / HEAP_CLASS_STEP]);
	return block != NULL ? block : heap_block_allocate_slowly(size);
}

/* The number that the owner of an address has noted; false if it is in no frame that was ever given out. (frames_find()
 * in line: every block that is freed comes this way.) */
static inline bool heap_block_number(const void *address, unsigned int *number)
{
	uint64_t physical = paging_physical(address);

	if (!chunk_has(physical))
		return false;
	*number = heap_owner_number(chunk_frame((uint32_t)(physical / PAGE_SIZE))->owner_data);
	return true;
}

/* [irq] As kfree. What is no block of a cache has a number without a magazine. */
static inline void heap_block_free(void *block)
{
	unsigned int number;

	if (!heap_block_number(block, &number) || !heap_slab_put(number, block))
		heap_block_free_slowly(block);
}

/* [irq] As heap_cache_allocate. */
static inline void *heap_block_allocate_from(struct heap_cache *cache)
{
	void *block = heap_slab_get(cache->number);

	return block != NULL ? block : heap_slab_refill(cache);
}

/* [irq] As heap_cache_free. */
static inline void heap_block_free_to(struct heap_cache *cache, void *block)
{
	unsigned int number;

	if (!heap_block_number(block, &number) || number != cache->number || !heap_slab_put(number, block))
		heap_block_free_to_slowly(cache, block);
}

#endif
