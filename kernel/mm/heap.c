#include "mm/heap.h"

#include "core/describer.h"
#include "core/panic.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/heap_block.h"
#include "mm/heap_debug.h"

#define SMALL 64 /* nothing is won by moving what is not larger */

/* Who called the function this stands in. */
#define CALLER ((uint64_t)__builtin_return_address(0))

/* In a debug build every block goes through a guard; in the other the compiler leaves those lines out. */
static inline void *allocate(size_t size, uint64_t caller)
{
	return HEAP_DEBUG ? heap_debug_allocate(size, 0, caller) : heap_block_allocate(size);
}

static inline void release(void *block, uint64_t caller)
{
	if (HEAP_DEBUG)
		heap_debug_free(block, NULL, caller);
	else
		heap_block_free(block);
}

static void *allocate_zero(size_t size, uint64_t caller)
{
	void *block = allocate(size, caller);

	if (block != NULL)
		memset(block, 0, size);
	return block;
}

void *kmalloc(size_t size)
{
	return allocate(size, CALLER);
}

void *kzalloc(size_t size)
{
	return allocate_zero(size, CALLER);
}

void *kmalloc_array(size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? NULL : allocate(bytes, CALLER);
}

void *kmalloc_aligned(size_t size, size_t align)
{
	if (align == 0 || (align & (align - 1)) != 0)
		panic("A block aligned to %zu bytes was asked for: that is no power of two.", align);
	return HEAP_DEBUG ? heap_debug_allocate(size, align, CALLER) : heap_block_allocate_aligned(size, align);
}

/* Does a block of that size stay where it is when it gets a new one? Not if it would keep twice what it needs, or is
 * not aligned as one of the new size must be. With guards every block moves, so that a forgotten pointer is found. */
static bool stays(const void *block, size_t room, size_t size)
{
	size_t align = size == 0 || (size & (size - 1)) != 0 ? 1 : size < PAGE_SIZE ? size : PAGE_SIZE;

	return !HEAP_DEBUG && size <= room && (size > room / 2 || room <= SMALL) &&
	       ((uintptr_t)block & (align - 1)) == 0;
}

void *krealloc(void *block, size_t size)
{
	size_t room;
	void *moved;

	if (block == NULL)
		return allocate(size, CALLER);
	room = HEAP_DEBUG ? heap_debug_size(block) : heap_block_size(block);
	if (stays(block, room, size))
		return block;
	moved = allocate(size, CALLER);
	if (moved == NULL)
		return size <= room ? block : NULL;
	memcpy(moved, block, size < room ? size : room);
	release(block, CALLER);
	return moved;
}

void kfree(void *block)
{
	if (!HEAP_DEBUG || block != NULL)
		release(block, CALLER);
}

struct heap_cache *heap_cache_create(const char *name, size_t size, size_t align)
{
	struct heap_cache *cache;

	if (align < HEAP_CLASS_STEP)
		align = HEAP_CLASS_STEP;
	if (size > HEAP_CACHE_BLOCK_MAX || align > PAGE_SIZE)
		return NULL;
	cache = heap_block_allocate(sizeof(*cache));
	if (cache == NULL)
		return NULL;
	if (!heap_slab_add_cache(cache, name, HEAP_DEBUG ? heap_debug_cache_size(size, align) : size, align)) {
		heap_block_free(cache);
		return NULL;
	}
	cache->object_size = (uint32_t)size;
	cache->object_align = (uint32_t)align;
	return cache;
}

void *heap_cache_allocate(struct heap_cache *cache)
{
	return HEAP_DEBUG ? heap_debug_allocate_from(cache, CALLER) : heap_block_allocate_from(cache);
}

void heap_cache_free(struct heap_cache *cache, void *block)
{
	if (!HEAP_DEBUG)
		heap_block_free_to(cache, block);
	else if (block != NULL)
		heap_debug_free(block, cache, CALLER);
}

struct heap_count heap_cache_count(struct heap_cache *cache)
{
	return heap_slab_count(cache);
}

struct heap_count heap_count(void)
{
	struct heap_count sum = heap_pages_count();
	struct heap_cache *cache;

	for (unsigned int i = HEAP_NUMBER_FIRST; (cache = heap_slab_cache(i)) != NULL; i++) {
		struct heap_count count = heap_slab_count(cache);

		sum.frames += count.frames;
		sum.blocks += count.blocks;
		sum.bytes += count.bytes;
	}
	return sum;
}

bool heap_trim(void)
{
	bool released = HEAP_DEBUG && heap_debug_release();

	return heap_slab_trim() || released;
}

static bool describe(uint64_t address, char *text, size_t size)
{
	struct heap_block block;
	const char *name;

	if (HEAP_DEBUG)
		return heap_debug_describe(address, text, size);
	if (!heap_block_find(address, &block))
		return false;
	name = block.cache == NULL ? NULL : block.cache->name;
	format_string(text, size, "%lu byte%s into a %s%lu-byte block of the %s%s", address - block.start,
	        format_plural(address - block.start), block.used ? "" : "free ", block.size,
	        name == NULL ? "heap" : "cache ", name == NULL ? "" : name);
	return true;
}

void heap_start_cpu(void)
{
	heap_slab_start_cpu();
}

void heap_start(void)
{
	static struct describer describer = {.describe = describe};

	heap_start_cpu();
	heap_block_start();
	describer_add(&describer);
}
