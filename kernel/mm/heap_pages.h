/*
 * Blocks of whole frames, for what is larger than the largest class of blocks or must be aligned to pages.
 */
#ifndef MM_HEAP_PAGES_H
#define MM_HEAP_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mm/heap.h"

/* [irq] A power of two of frames, aligned to all of itself; NULL if there are none or too many would be needed. */
void *heap_pages_allocate(size_t size, size_t align);

/* [irq] Gives one back. */
void heap_pages_free(void *block);

/* [irq] How many bytes a block has. */
size_t heap_pages_size(const void *block);

/* [irq] Is the address in such a block? Sets the block's first byte. */
bool heap_pages_find(uint64_t address, uint64_t *start);

/* [irq] Counts all of them. */
struct heap_count heap_pages_count(void);

#endif
