#include "mm/memory_places.h"

#include <stdbool.h>

#include "core/describer.h"
#include "core/symbols.h"
#include "lib/format.h"
#include "mm/chunk.h"
#include "mm/frames.h"
#include "mm/memory_map.h"
#include "paging.h"

#define DIRECT_MAP_SIZE (1ull << 46)

static const struct boot_info *boot;

static void describe_block(uint64_t physical, const struct frame *block, char *text, size_t size)
{
	const struct frame *freed = frames_find_freed(physical);
	char name[SYMBOLS_TEXT_MAX];

	if (block->state == FRAME_ALLOCATED)
		format_string(text, size, "RAM at %jx, in a block of %u KiB, allocated by %s", (uintmax_t)physical,
		        4u << block->order, frames_describe_site(block->allocated_by, name));
	else if (freed != NULL)
		format_string(text, size, "free RAM at %jx, last freed by %s", (uintmax_t)physical,
		        frames_describe_site(freed->freed_by, name));
	else
		format_string(text, size, "free RAM at %jx, never used", (uintmax_t)physical);
}

static bool describe_direct_map(uint64_t address, char *text, size_t size)
{
	uint64_t physical = paging_physical((const void *)address);
	const struct frame *block;

	if (physical >= DIRECT_MAP_SIZE)
		return false;
	block = frames_find_block(physical);
	if (block != NULL)
		describe_block(physical, block, text, size);
	else
		format_string(text, size, "memory at %jx, not given out (%s)", (uintmax_t)physical,
		        memory_map_name(boot, physical));
	return true;
}

static bool describe_database(uint64_t address, char *text, size_t size)
{
	uint64_t offset = address - CHUNK_DATABASE;

	if (offset >= CHUNK_COUNT * (uint64_t)CHUNK_FRAMES * sizeof(struct frame))
		return false;
	format_string(text, size, "the frame database, entry for %jx",
	        (uintmax_t)(offset / sizeof(struct frame) * PAGE_SIZE));
	return true;
}

void memory_places_start(const struct boot_info *info)
{
	static struct describer direct_map = {.describe = describe_direct_map};
	static struct describer database = {.describe = describe_database};

	boot = info;
	describer_add(&direct_map);
	describer_add(&database);
}
