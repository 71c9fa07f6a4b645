/*
 * The memory map: what the firmware says, made trustworthy. Pure: compiles unchanged for the host, where it is tested.
 *
 * Invariants of a map made by memory_map_clean() and kept by memory_map_take():
 *  1. ranges are sorted, disjoint, never empty, and end at or below MEMORY_MAP_LIMIT;
 *  2. neighbours that touch differ in type;
 *  3. every range begins and ends on a page; usable memory was shrunk to that, everything else grown.
 */
#ifndef STAGE2_MEMORY_MAP_H
#define STAGE2_MEMORY_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"

#define MEMORY_RAW_MAX   128u /* ranges taken from the firmware; more are ignored, and said */
#define MEMORY_MAP_MAX   320u
#define MEMORY_MAP_PAGE  4096u
#define MEMORY_MAP_LIMIT 0x10000000000000ull /* 2^52: no x86-64 CPU has more address lines */

/* ACPI 6.5, table 15.15, and ACPI 3.0 to 5.1, where bits 0 and 1 had a meaning. */
#define MEMORY_ATTRIBUTE_VALID        1u /* clear: ignore the range */
#define MEMORY_ATTRIBUTE_NON_VOLATILE 2u
#define MEMORY_ATTRIBUTE_ERROR_LOG    8u

struct memory_map {
	struct boot_memory_range range[MEMORY_MAP_MAX];
	uint32_t count;
};

/*
 * Makes a map of `count` <= MEMORY_RAW_MAX + 2 raw ranges in any order, overlapping or not. Where they disagree the
 * less usable type wins; unknown types count as reserved. Empty ranges, those whose attributes say so, and what lies
 * beyond MEMORY_MAP_LIMIT are left out. A range that reaches beyond it or wraps around is left out if it claims to be
 * usable, for then its size is nonsense; else it ends at the limit.
 */
void memory_map_clean(struct memory_map *map, const struct boot_raw_range *raw, uint32_t count);

/*
 * Gives [base, base + size), both multiples of a page and all of it usable, another type. False, and nothing changed,
 * if it is not all usable or the map is full.
 */
bool memory_map_take(struct memory_map *map, uint64_t base, uint64_t size, uint32_t type);

/*
 * The lowest `size` usable bytes, aligned to `align` (a power of two of at least a page), inside [low, high). False if
 * there are none.
 */
bool memory_map_find(
        const struct memory_map *map, uint64_t size, uint64_t align, uint64_t low, uint64_t high, uint64_t *base);

/* Bytes of usable memory. */
uint64_t memory_map_usable(const struct memory_map *map);

#endif
