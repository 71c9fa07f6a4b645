/*
 * The memory map as the loader cleaned it.
 */
#ifndef MM_MEMORY_MAP_H
#define MM_MEMORY_MAP_H

#include "boot/boot_info.h"

/* [init] Panics if the map is not sorted, disjoint and without empty ranges: all memory management stands on it. */
void memory_map_check(const struct boot_info *info);

/* [any] Bytes of RAM, in use or not. */
uint64_t memory_map_ram(const struct boot_info *info);

/* [any] The address behind the last byte of RAM. */
uint64_t memory_map_ram_end(const struct boot_info *info);

/* [irq] What the map calls the memory at an address: "usable", "kernel", "reserved" ... */
const char *memory_map_name(const struct boot_info *info, uint64_t physical);

/* [any] The name of an enum boot_memory_type. */
const char *memory_map_type_name(uint32_t type);

/* [init] Prints the sum and the ranges, what is no RAM left out: the screen is small. */
void memory_map_print(const struct boot_info *info);

#endif
