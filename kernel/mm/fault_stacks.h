/*
 * Stacks for the exceptions that need one of their own (descriptors.h: enum fault_stack), with guard pages.
 */
#ifndef MM_FAULT_STACKS_H
#define MM_FAULT_STACKS_H

#include <stdbool.h>
#include <stdint.h>

/* [init] Gives the boot CPU its four; until then it has one small stack for all. Panics without memory. */
void fault_stacks_start(void);

/* [thread] Gives a CPU its four, which has a block (percpu.h) and does not run yet. False without memory. */
bool fault_stacks_make(uint32_t cpu);

/* [thread] Takes back as many as it has. */
void fault_stacks_free(uint32_t cpu);

#endif
