#include "mm/heap_block.h"

#include "core/describer.h"
#include "core/panic.h"
#include "core/symbols.h"
#include "lib/format.h"
#include "linker.h"

/* Each at most a third (from 16 on) larger than the one before: what is lost to rounding is measured by `make bench`.
 */
static const uint16_t class_sizes[] = {8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, HEAP_CLASS_MAX};

#define CLASSES (sizeof(class_sizes) / sizeof(class_sizes[0]))

static struct heap_cache classes[CLASSES];

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

void *heap_block_allocate_aligned(size_t size, size_t align)
{
	unsigned int number;

	if (size > HEAP_CLASS_MAX || align > HEAP_CLASS_MAX)
		return heap_pages_allocate(size, align);
	number = heap_class_of[(size + HEAP_CLASS_STEP - 1) / HEAP_CLASS_STEP];
	while (class_sizes[number] % align != 0) /* the last class is a multiple of all of them */
		number++;
	return heap_slab_allocate(number);
}

size_t heap_block_size(const void *block)
{
	uint64_t owner = heap_block_owner(block);

	if (!heap_owner_is_heap(owner))
		heap_block_refuse(block, NULL);
	if (heap_owner_number(owner) == HEAP_OWNER_PAGES)
		return heap_pages_size(block);
	return heap_slab_cache(heap_owner_number(owner))->block_size;
}

bool heap_block_find(uint64_t address, struct heap_block *block)
{
	uint64_t owner = heap_block_owner((const void *)address);

	block->cache = heap_owner_is_heap(owner) ? heap_slab_cache(heap_owner_number(owner)) : NULL;
	if (block->cache != NULL) {
		block->size = block->cache->block_size;
		return heap_slab_find(owner, address, &block->start, &block->used);
	}
	if (!heap_pages_find(address, &block->start))
		return false;
	block->size = heap_pages_size((const void *)block->start);
	block->used = true;
	return true;
}

static void describe_frame(uint64_t physical, char *text, size_t size)
{
	const struct frame *frame = frames_find_block(physical);
	char name[SYMBOLS_TEXT_MAX];

	if (frame == NULL)
		format_string(text, size, "nor in memory that the heap could have");
	else if (frame->state != FRAME_ALLOCATED)
		format_string(text, size, "in a frame that is free");
	else
		format_string(text, size, "in a frame allocated by %s",
		        symbols_describe((uint64_t)linker_image_start + frame->allocated_by, name));
}

void heap_block_refuse(const void *address, const char *cache)
{
	char text[DESCRIBER_TEXT_MAX];

	if (!describer_ask((uint64_t)address, text))
		describe_frame(paging_physical(address), text, sizeof(text));
	panic("%p was freed, but is no block of the %s%s: %s.", address, cache == NULL ? "heap" : "cache ",
	        cache == NULL ? "" : cache, text);
}
