#include "mm/heap_slab.h"

#include "core/panic.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "paging.h"

#define SLAB_ORDER_MAX     3
#define SLAB_WASTE         16 /* a slab may leave this part of itself unused, unless it is as large as slabs get */
#define BLOCK_SIZE_MIN     8
#define MAGAZINE_BYTES     8192 /* what one should hold at most */
#define MAGAZINE_BLOCK_MIN 4
#define BITS               64

/* Stands in front of its blocks. All under the cache's lock. */
struct heap_slab {
	struct heap_slab *next, *previous; /* in the cache's list, while some blocks are free and some are not */
	uint32_t free_blocks;
	uint32_t reserved;
	uint64_t is_free[]; /* a bit for each block */
};

PERCPU(struct heap_magazine *, heap_magazines[HEAP_NUMBERS]);
struct heap_magazine heap_no_magazine;

/* The lock is for who adds one: the others read, and what they find is complete. */
static struct {
	struct spinlock lock;
	struct heap_cache *list[HEAP_NUMBERS]; /* by number */
	unsigned int end;                      /* numbers from HEAP_NUMBER_FIRST on are given */
	struct heap_cache *of_magazines; /* what magazines are made of: the first cache whose blocks are large enough */
} caches = {.lock = SPINLOCK(RANK_HEAP, "heap caches"), .end = HEAP_NUMBER_FIRST};

/* ---- caches ------------------------------------------------------------------------------------------------------ */

static size_t slab_size(const struct heap_cache *cache)
{
	return (size_t)PAGE_SIZE << cache->slab_order;
}

static size_t align_up(size_t size, size_t align)
{
	return (size + align - 1) & ~(align - 1);
}

/* Cuts up a slab of that order. Returns how many bytes stay unused. */
static size_t cut_slab(struct heap_cache *cache, unsigned int order, size_t align)
{
	size_t size = (size_t)PAGE_SIZE << order;
	size_t words = (size / cache->block_size + BITS - 1) / BITS;

	cache->slab_order = (uint8_t)order;
	cache->first = (uint32_t)align_up(sizeof(struct heap_slab) + words * sizeof(uint64_t), align);
	cache->slab_blocks = (uint16_t)((size - cache->first) / cache->block_size);
	return size - (size_t)cache->slab_blocks * cache->block_size;
}

static uint32_t magazine_capacity(size_t block_size)
{
	size_t capacity = MAGAZINE_BYTES / block_size;

	if (capacity >= HEAP_MAGAZINE_SLOTS)
		return HEAP_MAGAZINE_SLOTS - 1;
	return capacity < MAGAZINE_BLOCK_MIN ? MAGAZINE_BLOCK_MIN : (uint32_t)capacity;
}

/* Gives a complete cache its number. False if there is none left. */
static bool enter(struct heap_cache *cache)
{
	uint64_t flags = spin_lock(&caches.lock);
	bool fits = caches.end < HEAP_NUMBER_PAGES;

	if (fits) {
		cache->number = (uint8_t)caches.end;
		__atomic_store_n(&caches.list[caches.end], cache, __ATOMIC_RELEASE);
		__atomic_store_n(&caches.end, caches.end + 1, __ATOMIC_RELEASE);
		if (caches.of_magazines == NULL && cache->block_size >= sizeof(struct heap_magazine))
			caches.of_magazines = cache;
	}
	spin_unlock(&caches.lock, flags);
	return fits;
}

bool heap_slab_add_cache(struct heap_cache *cache, const char *name, size_t size, size_t align)
{
	unsigned int order = 0;

	*cache = (struct heap_cache){.name = name, .lock = SPINLOCK(RANK_HEAP, "heap cache")};
	cache->block_size = (uint32_t)align_up(size < BLOCK_SIZE_MIN ? BLOCK_SIZE_MIN : size, align);
	cache->reciprocal = (uint32_t)(((1ull << 32) + cache->block_size - 1) / cache->block_size);
	cache->magazine_capacity = magazine_capacity(cache->block_size);
	while (cut_slab(cache, order, align) > slab_size(cache) / SLAB_WASTE && order < SLAB_ORDER_MAX)
		order++;
	return enter(cache);
}

struct heap_cache *heap_slab_cache(unsigned int number)
{
	return __atomic_load_n(&caches.list[number], __ATOMIC_ACQUIRE);
}

/* ---- slabs, under the lock of their cache ------------------------------------------------------------------------ */

static struct frame *frame_of(const void *address)
{
	return frames_find(paging_physical(address));
}

static void link_slab(struct heap_cache *cache, struct heap_slab *slab)
{
	slab->previous = NULL;
	slab->next = cache->partial;
	if (slab->next != NULL)
		slab->next->previous = slab;
	cache->partial = slab;
}

static void unlink_slab(struct heap_cache *cache, struct heap_slab *slab)
{
	if (slab->next != NULL)
		slab->next->previous = slab->previous;
	if (slab->previous != NULL)
		slab->previous->next = slab->next;
	else
		cache->partial = slab->next;
}

static void set_owner(const struct heap_cache *cache, struct heap_slab *slab, uint64_t owner)
{
	for (size_t offset = 0; offset < slab_size(cache); offset += PAGE_SIZE)
		frame_of((char *)slab + offset)->owner_data = owner;
}

static struct heap_slab *create_slab(struct heap_cache *cache)
{
	uint64_t physical = frames_allocate(cache->slab_order, 0);
	struct heap_slab *slab;
	unsigned int blocks = cache->slab_blocks;

	if (physical == 0)
		return NULL;
	slab = paging_direct(physical);
	slab->free_blocks = blocks;
	for (unsigned int i = 0; i * BITS < blocks; i++)
		slab->is_free[i] = blocks - i * BITS < BITS ? (1ull << blocks % BITS) - 1 : UINT64_MAX;
	set_owner(cache, slab, heap_owner_data(cache->number, physical));
	cache->slabs++;
	cache->free_blocks += blocks;
	return slab;
}

static void destroy_slab(struct heap_cache *cache, struct heap_slab *slab)
{
	cache->slabs--;
	cache->free_blocks -= cache->slab_blocks;
	set_owner(cache, slab, 0);
	frames_free(paging_physical(slab));
}

/* Makes sure that the list has a slab with a free block. */
static bool find_room(struct heap_cache *cache)
{
	struct heap_slab *slab = cache->spare;

	if (cache->partial != NULL)
		return true;
	if (slab == NULL)
		slab = create_slab(cache);
	if (slab == NULL)
		return false;
	cache->spare = NULL;
	link_slab(cache, slab);
	return true;
}

/* Takes up to `wanted` (at least 1) blocks of the first slab in the list; returns how many. */
static uint64_t take_blocks(struct heap_cache *cache, void **blocks, uint64_t wanted)
{
	struct heap_slab *slab = cache->partial;
	char *first = (char *)slab + cache->first;
	uint32_t taken = 0;

	if (wanted > slab->free_blocks)
		wanted = slab->free_blocks;
	for (size_t word = 0; taken < wanted; word++) {
		uint64_t bits = slab->is_free[word];

		for (; bits != 0 && taken < wanted; bits &= bits - 1)
			blocks[taken++] = first + (word * BITS + (size_t)__builtin_ctzll(bits)) * cache->block_size;
		slab->is_free[word] = bits;
	}
	cache->free_blocks -= taken;
	slab->free_blocks -= taken;
	if (slab->free_blocks == 0)
		unlink_slab(cache, slab);
	return taken;
}

static struct heap_slab *slab_of(const void *block)
{
	return paging_direct(frame_of(block)->owner_data & PAGE_ADDRESS);
}

/* The number of the block that has the byte `offset` bytes into a slab. */
static uint64_t block_at(const struct heap_cache *cache, uint64_t offset)
{
	return (offset - cache->first) * cache->reciprocal >> 32;
}

static _Noreturn __attribute__((noinline)) void refuse(const struct heap_cache *cache, const void *block, bool begins)
{
	if (begins)
		panic("The block of %u bytes at %p was freed twice.", cache->block_size, block);
	panic("%p was freed, but no block of %u bytes begins there.", block, cache->block_size);
}

/* No block is in use. One such slab is kept, so that a block that comes and goes does not move frames each time. */
static void empty_slab(struct heap_cache *cache, struct heap_slab *slab)
{
	unlink_slab(cache, slab);
	if (cache->spare == NULL)
		cache->spare = slab;
	else
		destroy_slab(cache, slab);
}

/* Returns false if the slab is empty now, and perhaps gone. */
static bool give_block(struct heap_cache *cache, struct heap_slab *slab, const void *block)
{
	uint64_t offset = (uint64_t)block - (uint64_t)slab;
	uint64_t number = block_at(cache, offset);
	uint64_t bit = 1ull << number % BITS;

	if (number >= cache->slab_blocks || number * cache->block_size != offset - cache->first)
		refuse(cache, block, false);
	if (slab->is_free[number / BITS] & bit)
		refuse(cache, block, true);
	slab->is_free[number / BITS] |= bit;
	cache->free_blocks++;
	if (slab->free_blocks++ == 0)
		link_slab(cache, slab);
	if (slab->free_blocks < cache->slab_blocks)
		return true;
	empty_slab(cache, slab);
	return false;
}

/* Blocks that were in use at the same time are often of the same slab: it is looked up anew only when it is another. */
static void give_blocks(struct heap_cache *cache, void **blocks, uint64_t count)
{
	struct heap_slab *slab = NULL;

	for (uint64_t i = 0; i < count; i++) {
		if (slab == NULL || (uint64_t)blocks[i] - (uint64_t)slab >= slab_size(cache))
			slab = slab_of(blocks[i]);
		if (!give_block(cache, slab, blocks[i]))
			slab = NULL;
	}
}

/* ---- magazines, with interrupts off ------------------------------------------------------------------------------ */

static struct heap_magazine **magazine_of(struct heap_cache *cache)
{
	return &(*percpu(heap_magazines))[cache->number];
}

void heap_slab_start_cpu(void)
{
	for (unsigned int i = 0; i < HEAP_NUMBERS; i++)
		(*percpu(heap_magazines))[i] = &heap_no_magazine;
}

/* This CPU's magazine, made if there is none yet; NULL if there is no memory for it. */
static struct heap_magazine *ensure_magazine(struct heap_cache *cache)
{
	struct heap_magazine **mine = magazine_of(cache);
	struct heap_cache *source = caches.of_magazines;
	struct heap_magazine *magazine = NULL;
	uint64_t flags;

	if (*mine != &heap_no_magazine)
		return *mine;
	flags = spin_lock(&source->lock);
	if (find_room(source))
		take_blocks(source, (void **)&magazine, 1);
	spin_unlock(&source->lock, flags);
	if (magazine == NULL)
		return NULL;
	magazine->count = 0;
	magazine->capacity = cache->magazine_capacity;
	magazine->blocks[0] = NULL;
	flags = spin_lock(&cache->lock);
	magazine->next = cache->magazines;
	cache->magazines = magazine;
	spin_unlock(&cache->lock, flags);
	*mine = magazine;
	return magazine;
}

/* Gives the blocks back that have been in the magazine longest, until `keep` are left. */
static void flush(struct heap_cache *cache, struct heap_magazine *magazine, uint64_t keep)
{
	uint64_t surplus = magazine->count - keep;

	give_blocks(cache, &magazine->blocks[1], surplus);
	memmove(&magazine->blocks[1], &magazine->blocks[1 + surplus], keep * sizeof(void *));
	magazine->count = keep;
}

/* One block for the caller, and half a magazine if the slabs that are there can fill it. */
static void *take_and_fill(struct heap_cache *cache, struct heap_magazine *magazine)
{
	uint64_t flags = spin_lock(&cache->lock);
	void *block = NULL;

	if (find_room(cache))
		take_blocks(cache, &block, 1);
	while (magazine != NULL && magazine->count < magazine->capacity / 2 && cache->partial != NULL)
		magazine->count += take_blocks(
		        cache, &magazine->blocks[magazine->count + 1], magazine->capacity / 2 - magazine->count);
	spin_unlock(&cache->lock, flags);
	return block;
}

void *heap_slab_refill(struct heap_cache *cache)
{
	uint64_t flags = cpu_interrupts_save();
	void *block = take_and_fill(cache, ensure_magazine(cache));

	if (block == NULL && heap_trim())
		block = take_and_fill(cache, NULL);
	cpu_interrupts_restore(flags);
	return block;
}

static void put(struct heap_cache *cache, struct heap_magazine *magazine, void *block)
{
	if (magazine->blocks[magazine->count] == block)
		refuse(cache, block, true);
	if (magazine->count == magazine->capacity)
		flush(cache, magazine, magazine->capacity / 2);
	magazine->blocks[++magazine->count] = block;
}

void heap_slab_return(struct heap_cache *cache, void *block)
{
	uint64_t interrupts = cpu_interrupts_save();
	struct heap_magazine *magazine = ensure_magazine(cache);
	uint64_t flags = spin_lock(&cache->lock);

	if (magazine == NULL)
		give_blocks(cache, &block, 1);
	else
		put(cache, magazine, block);
	spin_unlock(&cache->lock, flags);
	cpu_interrupts_restore(interrupts);
}

static void drop_magazine(struct heap_cache *cache)
{
	struct heap_magazine **mine = magazine_of(cache), *magazine = *mine;
	struct heap_magazine **link = &cache->magazines;
	struct heap_cache *source = caches.of_magazines;
	uint64_t flags;

	if (magazine == &heap_no_magazine)
		return;
	flags = spin_lock(&cache->lock);
	flush(cache, magazine, 0);
	while (*link != magazine)
		link = &(*link)->next;
	*link = magazine->next;
	spin_unlock(&cache->lock, flags);
	*mine = &heap_no_magazine;
	flags = spin_lock(&source->lock);
	give_blocks(source, (void **)&magazine, 1);
	spin_unlock(&source->lock, flags);
}

static bool drop_spare(struct heap_cache *cache)
{
	uint64_t flags = spin_lock(&cache->lock);
	struct heap_slab *spare = cache->spare;

	if (spare != NULL)
		destroy_slab(cache, spare);
	cache->spare = NULL;
	spin_unlock(&cache->lock, flags);
	return spare != NULL;
}

/* Magazines first: their blocks, and they themselves, make slabs empty. */
bool heap_slab_trim(void)
{
	uint64_t flags = cpu_interrupts_save();
	bool gave = false;

	for (unsigned int i = HEAP_NUMBER_FIRST; i < caches.end; i++)
		drop_magazine(caches.list[i]);
	for (unsigned int i = HEAP_NUMBER_FIRST; i < caches.end; i++)
		gave |= drop_spare(caches.list[i]);
	cpu_interrupts_restore(flags);
	return gave;
}

/* ---- looking ------------------------------------------------------------------------------------------------------
 */

struct heap_count heap_slab_count(struct heap_cache *cache)
{
	uint64_t flags = spin_lock(&cache->lock);
	uint64_t idle = cache->free_blocks;
	struct heap_count count = {.frames = (uint64_t)cache->slabs << cache->slab_order};

	for (const struct heap_magazine *m = cache->magazines; m != NULL; m = m->next)
		idle += m->count;
	count.blocks = (uint64_t)cache->slabs * cache->slab_blocks - idle;
	count.bytes = count.blocks * cache->block_size;
	spin_unlock(&cache->lock, flags);
	return count;
}

bool heap_slab_find(uint64_t address, uint64_t *start, bool *used)
{
	uint64_t owner = frame_of((const void *)address)->owner_data;
	const struct heap_cache *cache = heap_slab_cache(heap_owner_number(owner));
	const struct heap_slab *slab = slab_of((const void *)address);
	uint64_t offset = address - (uint64_t)slab;
	uint64_t number;

	if (offset < cache->first)
		return false;
	number = block_at(cache, offset);
	if (number >= cache->slab_blocks)
		return false;
	*start = (uint64_t)slab + cache->first + number * cache->block_size;
	*used = (slab->is_free[number / BITS] >> number % BITS & 1) == 0;
	return true;
}
