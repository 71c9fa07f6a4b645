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

PERCPU(struct heap_magazine *, heap_magazines[HEAP_CACHES_MAX]);

static struct {
	struct heap_cache *list[HEAP_CACHES_MAX]; /* filled from the front, never emptied */
	unsigned int count;
	struct heap_cache *of_magazines; /* what magazines are made of: the first cache whose blocks are large enough */
} caches;

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

bool heap_slab_add_cache(struct heap_cache *cache, const char *name, size_t size, size_t align)
{
	unsigned int order = 0;

	if (caches.count == HEAP_OWNER_PAGES)
		return false;
	*cache = (struct heap_cache){.name = name, .lock = SPINLOCK(RANK_HEAP, "heap cache")};
	cache->block_size = (uint32_t)align_up(size < BLOCK_SIZE_MIN ? BLOCK_SIZE_MIN : size, align);
	cache->reciprocal = (uint32_t)(((1ull << 32) + cache->block_size - 1) / cache->block_size);
	cache->magazine_capacity = magazine_capacity(cache->block_size);
	while (cut_slab(cache, order, align) > slab_size(cache) / SLAB_WASTE && order < SLAB_ORDER_MAX)
		order++;
	cache->number = (uint8_t)caches.count;
	caches.list[caches.count++] = cache;
	if (caches.of_magazines == NULL && cache->block_size >= sizeof(struct heap_magazine))
		caches.of_magazines = cache;
	return true;
}

struct heap_cache *heap_slab_cache(unsigned int number)
{
	return number < caches.count ? caches.list[number] : NULL;
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

/* Takes a block of the first slab in the list. */
static void *take_block(struct heap_cache *cache)
{
	struct heap_slab *slab = cache->partial;
	unsigned int word = 0, bit;

	while (slab->is_free[word] == 0)
		word++;
	bit = (unsigned int)__builtin_ctzll(slab->is_free[word]);
	slab->is_free[word] &= slab->is_free[word] - 1;
	cache->free_blocks--;
	if (--slab->free_blocks == 0)
		unlink_slab(cache, slab);
	return (char *)slab + cache->first + (size_t)(word * BITS + bit) * cache->block_size;
}

/* The number of the block that begins `offset` bytes into a slab, or of the one that has the byte there. */
static unsigned int block_at(const struct heap_cache *cache, uint64_t offset)
{
	return (unsigned int)((offset - cache->first) * cache->reciprocal >> 32);
}

static struct heap_slab *slab_by_owner(uint64_t owner)
{
	return paging_direct(owner & PAGE_ADDRESS);
}

static void give_block(struct heap_cache *cache, void *block)
{
	struct heap_slab *slab = slab_by_owner(frame_of(block)->owner_data);
	uint64_t offset = (uint64_t)block - (uint64_t)slab;
	unsigned int number = block_at(cache, offset);
	uint64_t bit = 1ull << number % BITS;

	if (offset < cache->first || number >= cache->slab_blocks ||
	        cache->first + (uint64_t)number * cache->block_size != offset)
		panic("%p was freed, but no block of %u bytes begins there.", block, cache->block_size);
	if (slab->is_free[number / BITS] & bit)
		panic("The block of %u bytes at %p was freed twice.", cache->block_size, block);
	slab->is_free[number / BITS] |= bit;
	cache->free_blocks++;
	if (slab->free_blocks++ == 0)
		link_slab(cache, slab);
	if (slab->free_blocks < cache->slab_blocks)
		return;
	unlink_slab(cache, slab);
	if (cache->spare == NULL)
		cache->spare = slab;
	else
		destroy_slab(cache, slab);
}

/* ---- magazines, with interrupts off ------------------------------------------------------------------------------ */

static struct heap_magazine **magazine_of(struct heap_cache *cache)
{
	return &(*percpu(heap_magazines))[cache->number];
}

/* This CPU's magazine, made if there is none yet; NULL if there is no memory for it. */
static struct heap_magazine *ensure_magazine(struct heap_cache *cache)
{
	struct heap_magazine **mine = magazine_of(cache);
	struct heap_cache *source = caches.of_magazines;
	struct heap_magazine *magazine = NULL;
	uint64_t flags;

	if (*mine != NULL)
		return *mine;
	flags = spin_lock(&source->lock);
	if (find_room(source))
		magazine = take_block(source);
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
static void flush(struct heap_cache *cache, struct heap_magazine *magazine, uint32_t keep)
{
	uint32_t surplus = magazine->count - keep;

	for (uint32_t i = 1; i <= surplus; i++)
		give_block(cache, magazine->blocks[i]);
	memmove(&magazine->blocks[1], &magazine->blocks[1 + surplus], keep * sizeof(void *));
	magazine->count = keep;
}

/* One block for the caller, and half a magazine if the slabs that are there can fill it. */
static void *take_blocks(struct heap_cache *cache, struct heap_magazine *magazine)
{
	uint64_t flags = spin_lock(&cache->lock);
	void *block = NULL;

	if (find_room(cache)) {
		block = take_block(cache);
		while (magazine != NULL && magazine->count < magazine->capacity / 2 && cache->partial != NULL)
			magazine->blocks[++magazine->count] = take_block(cache);
	}
	spin_unlock(&cache->lock, flags);
	return block;
}

void *heap_slab_refill(unsigned int number)
{
	struct heap_cache *cache = caches.list[number];
	void *block = take_blocks(cache, ensure_magazine(cache));

	if (block == NULL && heap_trim())
		block = take_blocks(cache, NULL);
	return block;
}

void heap_slab_return(unsigned int number, void *block)
{
	struct heap_cache *cache = caches.list[number];
	struct heap_magazine *magazine = ensure_magazine(cache);
	uint64_t flags = spin_lock(&cache->lock);

	if (magazine == NULL) {
		give_block(cache, block);
	} else {
		if (magazine->count == magazine->capacity)
			flush(cache, magazine, magazine->capacity / 2);
		if (magazine->blocks[magazine->count] == block)
			panic("The block of %u bytes at %p was freed twice.", cache->block_size, block);
		magazine->blocks[++magazine->count] = block;
	}
	spin_unlock(&cache->lock, flags);
}

static void drop_magazine(struct heap_cache *cache)
{
	struct heap_magazine **mine = magazine_of(cache), *magazine = *mine;
	struct heap_magazine **link = &cache->magazines;
	struct heap_cache *source = caches.of_magazines;
	uint64_t flags;

	if (magazine == NULL)
		return;
	flags = spin_lock(&cache->lock);
	flush(cache, magazine, 0);
	while (*link != magazine)
		link = &(*link)->next;
	*link = magazine->next;
	spin_unlock(&cache->lock, flags);
	*mine = NULL;
	flags = spin_lock(&source->lock);
	give_block(source, magazine);
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

	for (unsigned int i = 0; i < caches.count; i++)
		drop_magazine(caches.list[i]);
	for (unsigned int i = 0; i < caches.count; i++)
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

bool heap_slab_find(uint64_t owner, uint64_t address, uint64_t *start, bool *used)
{
	const struct heap_cache *cache = heap_slab_cache(heap_owner_number(owner));
	const struct heap_slab *slab = slab_by_owner(owner);
	uint64_t offset = address - (uint64_t)slab;
	unsigned int number;

	if (cache == NULL || offset < cache->first)
		return false;
	number = block_at(cache, offset);
	if (number >= cache->slab_blocks)
		return false;
	*start = (uint64_t)slab + cache->first + (uint64_t)number * cache->block_size;
	*used = (slab->is_free[number / BITS] >> number % BITS & 1) == 0;
	return true;
}
