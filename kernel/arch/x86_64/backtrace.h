/*
 * Who called whom, by the chain of frame pointers.
 */
#ifndef ARCH_BACKTRACE_H
#define ARCH_BACKTRACE_H

#include <stdbool.h>
#include <stdint.h>

/* How far a chain was followed. Begins as {.rbp = ...}. */
struct backtrace {
	uint64_t rbp;
	unsigned int switches; /* of stacks, as far as one can tell: steps to a lower address */
	uint64_t address;      /* the last one taken */
	bool interrupted;      /* it is that of an instruction which a trap interrupted, none to return to */
};

/*
 * [irq] Takes the next return address from the chain to `address`, innermost first; false at its end. Reads only what
 * is mapped: a damaged chain ends, it never faults and never goes on for ever.
 */
bool backtrace_next(struct backtrace *trace);

/* [irq] The frame pointer of the function this stands in. */
static inline __attribute__((always_inline)) uint64_t backtrace_here(void)
{
	return (uint64_t)__builtin_frame_address(0);
}

#endif
