/*
 * Regions: pieces of the kernel's address space, each with pages around it that are never mapped. Kernel stacks stand
 * in them, and the registers of devices.
 */
#ifndef MM_REGION_H
#define MM_REGION_H

#include <stddef.h>
#include <stdint.h>

#define REGION_START 0xffffc08000000000ull
#define REGION_END   0xffffc10000000000ull

enum region_cache { REGION_UNCACHED, REGION_WRITE_COMBINING };

/* [init] Before the first region. */
void region_start(void);

/*
 * [thread] Fresh, cleared memory for `size` bytes, from a page's start on, not executable; NULL if there is none.
 * `name` stays the caller's: a text that lives for ever. Give it back with region_free().
 */
void *region_allocate(size_t size, const char *name);

/*
 * [thread] Device memory at a physical address that need not be a page's; NULL if page tables are missing, or the CPU
 * cannot reach it.
 */
void *region_map_device(uint64_t physical, size_t size, enum region_cache cache, const char *name);

/* [thread] Gives back what one of the two above returned; NULL is allowed, anything else is a panic. */
void region_free(void *region);

/* [irq] The name of the region whose pages an address lies in; NULL: in none. */
const char *region_name(uint64_t address);

#endif
