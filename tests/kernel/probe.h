/*
 * Touching an address to see whether the CPU lets us: a page fault there is expected and survived, any other is
 * reported as always.
 */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/* Bits of `error` (Intel SDM volume 3, 4.7). */
#define PROBE_PRESENT 1u
#define PROBE_WRITE   2u
#define PROBE_FETCH   16u

struct probe {
	bool faulted;
	uint64_t error;
};

/* One byte is read; or written; or called as a function. */
struct probe probe_read(uint64_t address);
struct probe probe_write(uint64_t address, uint8_t value);
struct probe probe_execute(uint64_t address);

#endif
