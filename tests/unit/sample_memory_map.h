/* What a cleaned memory map must be, judged page by page from the raw ranges. Shared by unit test and fuzz target. */
#ifndef UNIT_SAMPLE_MEMORY_MAP_H
#define UNIT_SAMPLE_MEMORY_MAP_H

#include <stdint.h>

#include "memory_map.h"

/* NULL if `map` keeps the invariants of memory_map.h, else which one it breaks. */
const char *sample_memory_map_judge(const struct memory_map *map);

/* The type that the page at `address` must have after cleaning: 0 for none. */
uint32_t sample_memory_map_type(const struct boot_raw_range *raw, uint32_t count, uint64_t address);

/* The type that the page at `address` has in the map: 0 for none. */
uint32_t sample_memory_map_found(const struct memory_map *map, uint64_t address);

#endif
