#include "sample_memory_map.h"

#include <stdbool.h>
#include <stddef.h>

#define PAGE MEMORY_MAP_PAGE

const char *sample_memory_map_judge(const struct memory_map *map)
{
	uint64_t end = 0;

	if (map->count > MEMORY_MAP_MAX)
		return "more ranges than there is room for";
	for (uint32_t i = 0; i < map->count; i++) {
		const struct boot_memory_range *range = &map->range[i];

		if (range->size == 0)
			return "an empty range";
		if (range->base % PAGE || range->size % PAGE)
			return "a range that is not of whole pages";
		if (range->base < end)
			return "ranges out of order or overlapping";
		if (i && range->base == end && range->type == range[-1].type)
			return "neighbours of one type";
		end = range->base + range->size;
		if (end < range->base || end > MEMORY_MAP_LIMIT)
			return "a range beyond the limit";
	}
	return NULL;
}

/* How much a type is to be feared where ranges overlap. */
static int fear(uint32_t type)
{
	static const uint32_t order[] = {BOOT_MEMORY_USABLE, BOOT_MEMORY_ACPI_TABLES, BOOT_MEMORY_ACPI_NVS,
	        BOOT_MEMORY_RESERVED, BOOT_MEMORY_BAD};

	for (int i = 0; i < 5; i++)
		if (order[i] == type)
			return i + 1;
	return 0;
}

uint32_t sample_memory_map_type(const struct boot_raw_range *raw, uint32_t count, uint64_t address)
{
	uint32_t type = 0;

	for (uint32_t i = 0; i < count; i++) {
		__uint128_t base = raw[i].base, end = base + raw[i].size, first = address, last = first + PAGE;
		uint32_t own = raw[i].type >= 1 && raw[i].type <= 5 ? raw[i].type : BOOT_MEMORY_RESERVED;
		bool counts;

		if (own == BOOT_MEMORY_USABLE && (raw[i].attributes & 10)) /* non-volatile, or a log of errors */
			own = BOOT_MEMORY_RESERVED;
		if (own == BOOT_MEMORY_USABLE)
			counts = base <= first && last <= end && end <= MEMORY_MAP_LIMIT;
		else
			counts = base < last && first < end;

		if (raw[i].size && (raw[i].attributes & 1) && counts && fear(own) > fear(type))
			type = own;
	}
	return type;
}

uint32_t sample_memory_map_found(const struct memory_map *map, uint64_t address)
{
	for (uint32_t i = 0; i < map->count; i++)
		if (address >= map->range[i].base && address - map->range[i].base < map->range[i].size)
			return map->range[i].type;
	return 0;
}
