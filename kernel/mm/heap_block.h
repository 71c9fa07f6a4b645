/*
 * Blocks of any size, without guards: a block of one of the classes below, or whole frames. What kmalloc and its kin
 * are made of, and what the guards of a debug build are put around.
 */
#ifndef MM_HEAP_BLOCK_H
#define MM_HEAP_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mm/frames.h"
#include "mm/heap_pages.h"
#include "mm/heap_slab.h"
#include "paging.h"

#define HEAP_CLASS_MAX  2048u /* the largest class */
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

/* [irq] As kmalloc. */
static inline void *heap_block_allocate(size_t size)
{
	if (size <= HEAP_CLASS_MAX)
		return heap_slab_allocate(heap_class_of[(size + HEAP_CLASS_STEP - 1) / HEAP_CLASS_STEP]);
	return heap_pages_allocate(size, 1);
}

/* What the heap noted about the frame that an address lies in; 0 if it is no frame. */
static inline uint64_t heap_block_owner(const void *address)
{
	const struct frame *frame = frames_find(paging_physical(address));

	return frame == NULL ? 0 : frame->owner_data;
}

/* [irq] As kfree, but not for NULL. */
static inline void heap_block_free(void *block)
{
	uint64_t owner = heap_block_owner(block);

	if (!heap_owner_is_heap(owner))
		heap_block_refuse(block, NULL);
	if (heap_owner_number(owner) == HEAP_OWNER_PAGES)
		heap_pages_free(block);
	else
		heap_slab_free(heap_owner_number(owner), block);
}

/* [irq] As heap_cache_free, but not for NULL. */
static inline void heap_block_free_to(const struct heap_cache *cache, void *block)
{
	uint64_t owner = heap_block_owner(block);

	if (!heap_owner_is_heap(owner) || heap_owner_number(owner) != cache->number)
		heap_block_refuse(block, cache->name);
	heap_slab_free(cache->number, block);
}

#endif
