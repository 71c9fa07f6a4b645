/*
 * Blocks of one size. They come from three places, each faster than the next:
 *  - the CPU's magazine of the cache, a short stack of free blocks: nobody else touches it, so that interrupts off is
 * all the protection there is to pay for;
 *  - the cache's slabs, under its lock: a run of frames with a map of the free blocks in front;
 *  - the frame allocator.
 * Blocks go the same way back. No list runs through free blocks: writing to freed memory cannot lead the heap astray.
 */
#ifndef MM_HEAP_SLAB_H
#define MM_HEAP_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "cpu.h"
#include "mm/heap.h"
#include "percpu.h"

#define HEAP_CACHES_MAX     64u /* the last number is no cache: HEAP_OWNER_PAGES */
#define HEAP_MAGAZINE_SLOTS 30u

struct heap_magazine {
	uint32_t count;
	uint32_t capacity;                 /* below HEAP_MAGAZINE_SLOTS */
	struct heap_magazine *next;        /* another CPU's, of the same cache */
	void *blocks[HEAP_MAGAZINE_SLOTS]; /* 1 to count; slot 0 is NULL, so that blocks[count] can always be read */
};

_Static_assert(sizeof(struct heap_magazine) == 256, "fills its block");

struct heap_slab;

struct heap_cache {
	/* Never change. */
	const char *name;                   /* NULL: one of kmalloc's */
	uint32_t object_size, object_align; /* what its users asked for */
	uint32_t block_size;
	uint32_t reciprocal;  /* 2^32 / block_size, rounded up: an offset in a slab times this is the block's number */
	uint32_t first;       /* offset of the first block in a slab */
	uint16_t slab_blocks; /* how many a slab holds */
	uint8_t slab_order;   /* of its frames */
	uint8_t number;       /* index in the table of all caches */
	uint32_t magazine_capacity;
	/* Under the lock. */
	struct spinlock lock;
	struct heap_slab *partial;       /* slabs with blocks to give, the last to be added first */
	struct heap_slab *spare;         /* one that is all free, or NULL */
	struct heap_magazine *magazines; /* of all CPUs */
	uint32_t slabs;                  /* all of them, the spare one too */
	uint64_t free_blocks;            /* in all of them */
};

/* This CPU's magazines by the number of the cache; NULL until the first use. */
extern PERCPU(struct heap_magazine *, heap_magazines[HEAP_CACHES_MAX]);

/*
 * What the heap notes as the owner's data of its frames: a mark that no pointer and no frame number has in its top
 * bits; the number of the cache in the lowest; between them, in every frame of a slab, the physical address of the
 * slab. A block of whole frames has the number HEAP_OWNER_PAGES, and its mark in the first frame only.
 */
#define HEAP_OWNER_MARK  2ull /* in bits 62 and 63 */
#define HEAP_OWNER_PAGES (HEAP_CACHES_MAX - 1)

static inline bool heap_owner_is_heap(uint64_t owner)
{
	return owner >> 62 == HEAP_OWNER_MARK;
}

static inline unsigned int heap_owner_number(uint64_t owner)
{
	return owner % HEAP_CACHES_MAX;
}

static inline uint64_t heap_owner_data(unsigned int number, uint64_t slab)
{
	return HEAP_OWNER_MARK << 62 | slab | number;
}

/* [init] Fills in a cache that has a place already and enters it in the table. False if that is full. */
bool heap_slab_add_cache(struct heap_cache *cache, const char *name, size_t size, size_t align);

/* [irq] The cache of that number. */
struct heap_cache *heap_slab_cache(unsigned int number);

/* [irq] Which block an address lies in: sets its first byte, and whether it is in use as far as the slab knows (blocks
 * in magazines are). False in front of the first block and behind the last. `owner` is the frame's data. */
bool heap_slab_find(uint64_t owner, uint64_t address, uint64_t *start, bool *used);

/* [irq] Counts what the cache holds. */
struct heap_count heap_slab_count(struct heap_cache *cache);

/* [irq] Empties this CPU's magazines and gives all empty slabs back. True if there was one. */
bool heap_slab_trim(void);

/* The slow ways of the two functions below. Interrupts are off. */
void *heap_slab_refill(unsigned int number);
void heap_slab_return(unsigned int number, void *block);

/* [irq] A block of the cache with that number, or NULL. */
static inline void *heap_slab_allocate(unsigned int number)
{
	uint64_t flags = cpu_interrupts_save();
	struct heap_magazine *magazine = (*percpu(heap_magazines))[number];
	void *block;

	if (__builtin_expect(magazine != NULL && magazine->count > 0, true))
		block = magazine->blocks[magazine->count--];
	else
		block = heap_slab_refill(number);
	cpu_interrupts_restore(flags);
	return block;
}

/* [irq] Gives a block back to its cache. The same block twice in a row is noticed here, otherwise when the magazine is
 * emptied into the slabs. */
static inline void heap_slab_free(unsigned int number, void *block)
{
	uint64_t flags = cpu_interrupts_save();
	struct heap_magazine *magazine = (*percpu(heap_magazines))[number];

	if (__builtin_expect(magazine != NULL && magazine->count < magazine->capacity &&
	                             magazine->blocks[magazine->count] != block,
	            true))
		magazine->blocks[++magazine->count] = block;
	else
		heap_slab_return(number, block);
	cpu_interrupts_restore(flags);
}

#endif
