/*
 * Who called whom, by the chain of frame pointers.
 */
#ifndef ARCH_BACKTRACE_H
#define ARCH_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>

/*
 * [irq] Stores up to `count` return addresses of the chain that begins at the frame pointer `rbp`, innermost first;
 * returns how many. Reads only what is mapped: a damaged chain ends the list, it never faults.
 */
size_t backtrace_walk(uint64_t rbp, uint64_t *addresses, size_t count);

/* [irq] The frame pointer of the function this stands in. */
static inline __attribute__((always_inline)) uint64_t backtrace_here(void)
{
	return (uint64_t)__builtin_frame_address(0);
}

#endif
