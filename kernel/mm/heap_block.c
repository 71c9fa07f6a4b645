#include "mm/heap_block.h"

#include "core/owner.h"
#include "core/panic.h"

/* One between every two powers of two. Twice as many would save 4 % of the memory that mixed sizes take. */
static const uint16_t class_sizes[] = {
        8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, HEAP_CLASS_MAX};

#define CLASSES (sizeof(class_sizes) / sizeof(class_sizes[0]))

static struct heap_cache classes[CLASSES]; /* ascending */

uint8_t heap_class_of[HEAP_CLASS_MAX / HEAP_CLASS_STEP + 1];

/* The largest power of two that divides a size. */
static size_t natural_alignment(size_t size)
{
	return size & -size;
}

void heap_block_start(void)
{
	unsigned int steps = 0;

	for (unsigned int i = 0; i < CLASSES; i++) {
		heap_slab_add_cache(&classes[i], NULL, class_sizes[i], natural_alignment(class_sizes[i]));
		for (; steps * HEAP_CLASS_STEP <= class_sizes[i]; steps++)
			heap_class_of[steps] = classes[i].number;
	}
}

/* 0, which nobody has, if there is none. */
static unsigned int number_of(const void *address)
{
	unsigned int number = 0;

	heap_block_number(address, &number);
	return number;
}

static struct heap_cache *class_for(size_t size)
{
	return heap_slab_cache(heap_class_of[(size + HEAP_CLASS_STEP - 1) / HEAP_CLASS_STEP]);
}

void *heap_block_allocate_slowly(size_t size)
{
	return size <= HEAP_CLASS_MAX ? heap_slab_refill(class_for(size)) : heap_pages_allocate(size, 1);
}

void *heap_block_allocate_aligned(size_t size, size_t align)
{
	struct heap_cache *cache = size <= HEAP_CLASS_MAX ? class_for(size) : classes + CLASSES;

	while (cache < classes + CLASSES && cache->block_size % align != 0)
		cache++;
	return cache < classes + CLASSES ? heap_block_allocate_from(cache) : heap_pages_allocate(size, align);
}

void heap_block_free_slowly(void *block)
{
	unsigned int number = number_of(block);
	struct heap_cache *cache = heap_slab_cache(number);

	if (cache != NULL)
		heap_slab_return(cache, block);
	else if (number == HEAP_NUMBER_PAGES)
		heap_pages_free(block);
	else if (block != NULL)
		heap_block_refuse(block, NULL);
}

void heap_block_free_to_slowly(struct heap_cache *cache, void *block)
{
	if (number_of(block) == cache->number)
		heap_slab_return(cache, block);
	else if (block != NULL)
		heap_block_refuse(block, cache->name);
}

size_t heap_block_size(const void *block)
{
	unsigned int number = number_of(block);
	const struct heap_cache *cache = heap_slab_cache(number);

	if (cache == NULL && number != HEAP_NUMBER_PAGES)
		heap_block_refuse(block, NULL);
	return cache != NULL ? cache->block_size : heap_pages_size(block);
}

bool heap_block_find(uint64_t address, struct heap_block *block)
{
	block->cache = heap_slab_cache(number_of((const void *)address));
	if (block->cache != NULL) {
		block->size = block->cache->block_size;
		return heap_slab_find(address, &block->start, &block->used);
	}
	if (!heap_pages_find(address, &block->start))
		return false;
	block->size = heap_pages_size((const void *)block->start);
	block->used = true;
	return true;
}

void heap_block_refuse(const void *address, const char *cache)
{
	char text[DESCRIBER_TEXT_MAX];

	panic("%p was freed, but is no block of the %s%s: %s.", address, cache == NULL ? "heap" : "cache ",
	        cache == NULL ? "" : cache, owner_describe((uint64_t)address, "nobody knows the address", text));
}
