/*
 * Memory by the byte. Rules:
 *  - Everything here is `[irq]`, but not for an NMI or a machine check: it never sleeps, and takes no lock on its usual
 * way.
 *  - NULL means that there is no memory. Whoever asks must look.
 *  - A block of a power of two bytes is aligned to its size, up to a page; any other to 8 bytes at least.
 *  - What is in a new block is not known, except where it is said to be zero.
 * A build with DEBUG=1 guards every block (mm/heap_debug.h).
 */
#ifndef MM_HEAP_H
#define MM_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A larger block is refused: that is what regions are for (mm/region.h). In a debug build its guard is part of it. */
#define HEAP_BLOCK_MAX (4ull << 20)

/* [init] Needs the frames. */
void heap_start(void);

/* [init] On every other CPU, before it uses the heap: its copy of the boot CPU's variables is not its own yet. */
void heap_start_cpu(void);

/* [irq] A block of `size` bytes; of 0 bytes it is a block, too, which belongs to the caller like any other. */
void *kmalloc(size_t size);

/* [irq] The same, all zero. */
void *kzalloc(size_t size);

/* [irq] Room for `count` elements of `size` bytes; NULL also if that is more than a size_t can say. */
void *kmalloc_array(size_t count, size_t size);

/* [irq] The block begins at a multiple of `align`, a power of two up to HEAP_BLOCK_MAX. */
void *kmalloc_aligned(size_t size, size_t align);

/*
 * [irq] Gives a block another size: where it is if it fits there, else elsewhere, with what it holds. NULL leaves the
 * old block as it was; to make one smaller never fails. Without a block it is kmalloc. The result is aligned as
 * kmalloc's, unless a smaller block had to stay because there is no memory.
 */
void *krealloc(void *block, size_t size);

/* [irq] Gives a block back; NULL is none. What is no block of the heap ends in a panic that says what it is. */
void kfree(void *block);

/*
 * A cache holds blocks of one size for one purpose: no byte is lost to rounding, and reports name it.
 */
struct heap_cache;

/*
 * [init] A new cache, for ever. `size` up to HEAP_CACHE_BLOCK_MAX, `align` a power of two up to a page, or 0 for 8;
 * `name` is kept, not copied. NULL if there are no memory or too many caches.
 */
struct heap_cache *heap_cache_create(const char *name, size_t size, size_t align);

#define HEAP_CACHE_BLOCK_MAX 8192u

/* [irq] A block, or NULL. */
void *heap_cache_allocate(struct heap_cache *cache);

/* [irq] Gives a block of this cache back; NULL is none. Another's is a panic. kfree does it as well. */
void heap_cache_free(struct heap_cache *cache, void *block);

/* What a cache, or all of them and the larger blocks, hold at this moment. */
struct heap_count {
	uint64_t frames; /* taken from the frame allocator */
	uint64_t blocks; /* handed out */
	uint64_t bytes;  /* of those blocks, as they are, not as they were asked for */
};

/* [irq] Counts; while other CPUs are at work, about. */
struct heap_count heap_cache_count(struct heap_cache *cache);
struct heap_count heap_count(void);

/* [irq] Gives every frame back that the heap holds for no block: this CPU's magazines and the empty slabs. True if
 * there were any. The heap does it by itself when frames run out. */
bool heap_trim(void);

#endif
