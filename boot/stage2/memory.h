/* The machine's memory: asks the firmware, keeps the cleaned map, and gives pieces of it to the loader. */
#ifndef STAGE2_MEMORY_H
#define STAGE2_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "memory_map.h"

/* Asks the firmware (E820, else E801, else 88h), cleans the map and takes out what the loader itself uses. */
enum boot_memory_source memory_detect(void);

/*
 * The lowest `size` usable bytes between 1 MiB and 4 GiB, from a page's start on; the black box is left alone as long
 * as there is other memory. The lowest: what lies together touches the fewest of the large pieces in which a host gives
 * memory to a virtual machine. False if there is no room.
 */
bool memory_find(uint64_t size, uint64_t *base);

/*
 * The same, but below 640 KiB if there is room. Nobody takes it: it holds what is written there until memory is taken.
 * Machines with little memory have it to spare only there.
 */
bool memory_find_for_a_while(uint64_t size, uint64_t *base);

/*
 * `size` bytes (rounded up to pages) of the given type, zeroed, above 1 MiB and below 4 GiB. Ends
 * the boot with a sentence saying what for when there is no room.
 */
void *memory_allocate(uint32_t size, uint32_t type, const char *purpose);

/* The same, but it holds what it held: for what will be overwritten to the last byte. */
void *memory_claim(uint32_t size, uint32_t type, const char *purpose);

/* Ends the boot if `size` bytes of something are more than the loader can reach: from there on sizes fit 32 bits. */
void memory_check_size(const char *what, uint64_t size);

/* The map itself, for who needs a place of his own choice. */
struct memory_map *memory_map(void);

/* Remembers what is taken, and gives back all that was taken since: for a kernel that turns out to be damaged. */
void memory_save(void);
void memory_restore(void);

/* A stretch of RAM: usable memory and ACPI's tables. */
struct ram_range {
	uint64_t base, size;
};

/* All RAM as it was before any of it was taken: what the direct map shows. */
const struct ram_range *memory_ram(uint32_t *count);

/* Two frames below 1 MiB for starting other CPUs; 0 if low memory has no room. */
uint32_t memory_smp_frames(void);

/* What the last run left there, its size in *size. NULL if the memory is not usable, or taken. */
const void *memory_black_box(uint32_t *size);

/*
 * Reserves the memory that survives a warm reset, at the same address on every boot; returns it, and its size in *size.
 * 0 if it is not usable, or a kernel that cannot be moved lies there.
 */
uint32_t memory_take_black_box(uint32_t *size);

const struct boot_raw_range *memory_raw(uint32_t *count);

#endif
