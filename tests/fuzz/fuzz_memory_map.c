/*
 * Any list of ranges as the firmware's memory map: cleaning keeps the invariants, each page has the type it must, and
 * what is found and taken was usable and is so no more.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sample_memory_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes [base, base + size): it works just if all of it is usable; the rest of the map stays what it was. */
static void take(struct memory_map *map, uint64_t base, uint64_t size, bool must)
{
	uint64_t usable = memory_map_usable(map);
	bool taken = memory_map_take(map, base, size, BOOT_MEMORY_LOADER);

	if (must && !taken && map->count < MEMORY_MAP_MAX - 2)
		abort();
	if (sample_memory_map_judge(map) || memory_map_usable(map) != usable - (taken ? size : 0))
		abort();
	if (taken && sample_memory_map_found(map, base) != BOOT_MEMORY_LOADER)
		abort();
}

/* The last byte decides how much, and below which address, is looked for. */
static void find_and_take(struct memory_map *map, uint8_t choice)
{
	uint64_t size = (uint64_t)(1 + choice % 8) * MEMORY_MAP_PAGE;
	uint64_t align = (uint64_t)MEMORY_MAP_PAGE << choice / 64, high = 1ull << (choice % 53), base;

	for (int times = 0; times < 3 && memory_map_find(map, size, align, 0, high, &base); times++) {
		if (base % align || base > high || size > high - base)
			abort();
		take(map, base, size, true);
	}
	for (uint32_t i = 0; i < map->count && i < 4; i++) /* from its middle on, wherever that leads */
		take(map, map->range[i].base + map->range[i].size / 2 / MEMORY_MAP_PAGE * MEMORY_MAP_PAGE, size, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_map map;
	struct boot_raw_range raw[MEMORY_RAW_MAX];
	uint32_t count = size / sizeof(*raw) < MEMORY_RAW_MAX ? size / sizeof(*raw) : MEMORY_RAW_MAX;

	memcpy(raw, data, count * sizeof(*raw));
	memory_map_clean(&map, raw, count);
	if (sample_memory_map_judge(&map))
		abort();
	for (uint32_t i = 0; i < map.count; i++) { /* the first and last page of each range, and the page after it */
		uint64_t first = map.range[i].base, after = first + map.range[i].size;
		uint64_t probes[] = {first, after - MEMORY_MAP_PAGE, after};

		for (int k = 0; k < 3; k++)
			if (probes[k] < MEMORY_MAP_LIMIT && sample_memory_map_found(&map, probes[k]) !=
			                                            sample_memory_map_type(raw, count, probes[k]))
				abort();
	}
	if (size > 0)
		find_and_take(&map, data[size - 1]);
	return 0;
}
