/*
 * Where a kernel that can be moved goes: into a random slot of 2 MiB, of memory and of addresses, each drawn by itself.
 * Who knows neither where something lies nor where it is mapped must guess before he can do harm. `nokaslr` on the
 * command line switches it off: then it is the lowest place and the address it is linked for.
 */
#ifndef STAGE2_KERNEL_PLACE_H
#define STAGE2_KERNEL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

/* Draws the numbers, unless the command line forbids it. */
void kernel_place_init(const struct cpu_features *cpu, const char *command_line);

/*
 * A place in memory for `size` bytes, which are not taken yet: a slot that leaves `room` bytes in one piece free, or,
 * where memory is short, the lowest place. False if there is none.
 */
bool kernel_place_find(uint64_t size, uint64_t room, uint64_t *physical);

/*
 * What to add to the addresses of an image linked for [base, base + size), both multiples of 4 KiB. It stays within the
 * 2 GiB that hold `base`, for code may count on that, and away from their last slot, so that no address behind the
 * image is 0, and from the lowest 2 MiB of all, where a null pointer must meet nothing.
 */
uint64_t kernel_place_slide(uint64_t base, uint64_t size);

#endif
