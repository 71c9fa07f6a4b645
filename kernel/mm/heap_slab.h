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

#define HEAP_MAGAZINE_SLOTS 29u

struct heap_magazine {
	uint64_t count;
	uint64_t capacity;                 /* below HEAP_MAGAZINE_SLOTS */
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

/*
 * What the heap notes as the owner's data of its frames: a number in the top bits, which is that of a cache or
 * HEAP_NUMBER_PAGES; and of a cache's frames, each of them, the physical address of the slab. What others keep there
 * has other numbers: links of free frames are small, pointers into the kernel begin with ones.
 */
#define HEAP_NUMBERS      64u
#define HEAP_NUMBER_FIRST 4u  /* of the caches */
#define HEAP_NUMBER_PAGES 62u /* of whole frames; only the first is marked */
#define HEAP_NUMBER_SHIFT 58

static inline unsigned int heap_owner_number(uint64_t owner)
{
	return (unsigned int)(owner >> HEAP_NUMBER_SHIFT);
}

static inline uint64_t heap_owner_data(unsigned int number, uint64_t slab)
{
	return (uint64_t)number << HEAP_NUMBER_SHIFT | slab;
}

/* This CPU's magazines by number. Until the first use, and for ever where the number is no cache's, there stands
 * heap_no_magazine, which holds nothing and has room for nothing. */
extern PERCPU(struct heap_magazine *, heap_magazines[HEAP_NUMBERS]);
extern struct heap_magazine heap_no_magazine;

/* [init] Gives this CPU its (empty) magazines. */
void heap_slab_start_cpu(void);

/* [init] Fills in a cache that has a place already and enters it in the table. False if that is full. */
bool heap_slab_add_cache(struct heap_cache *cache, const char *name, size_t size, size_t align);

/* [irq] The cache of that number, NULL if there is none. */
struct heap_cache *heap_slab_cache(unsigned int number);

/* [irq] Which block of a slab an address lies in: sets its first byte, and whether it is in use as far as the slab
 * knows (blocks in magazines are). False in front of the first block and behind the last. */
bool heap_slab_find(uint64_t address, uint64_t *start, bool *used);

/* [irq] Counts what the cache holds. */
struct heap_count heap_slab_count(struct heap_cache *cache);

/* [irq] Empties this CPU's magazines and gives all empty slabs back. True if there was one. */
bool heap_slab_trim(void);

/*
 * [irq] The fast ways: a block from this CPU's magazine, or NULL if it has none; a block into it, or false if it has no
 * room, if the number is no cache's, or if the block went there just before. `number` is below HEAP_NUMBERS.
 */
static inline void *heap_slab_get(unsigned int number)
{
	uint64_t flags = cpu_interrupts_save();
	struct heap_magazine *magazine = (*percpu(heap_magazines))[number];
	void *block = NULL;

	if (magazine->count > 0)
		block = magazine->blocks[magazine->count--];
	cpu_interrupts_restore(flags);
	return block;
}

static inline bool heap_slab_put(unsigned int number, void *block)
{
	uint64_t flags = cpu_interrupts_save();
	struct heap_magazine *magazine = (*percpu(heap_magazines))[number];
	bool fits = magazine->count < magazine->capacity && magazine->blocks[magazine->count] != block;

	if (fits)
		magazine->blocks[++magazine->count] = block;
	cpu_interrupts_restore(flags);
	return fits;
}

/* [irq] The slow ways: from the slabs, which grow, or NULL; and back to them. */
void *heap_slab_refill(struct heap_cache *cache);
void heap_slab_return(struct heap_cache *cache, void *block);

#endif
