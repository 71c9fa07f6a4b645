/*
 * Calls for memory that are refused. Neither the allocators nor their callers know: the CPU stops at the allocator's
 * first instruction (Intel SDM volume 3, 17.2, debug registers), somebody decides, and the call returns 0 from there.
 */
#ifndef TESTS_REFUSAL_H
#define TESTS_REFUSAL_H

#include <stdbool.h>

#include "trap.h"

#define REFUSAL_FUNCTIONS 4 /* as many as a CPU has such registers; NULL: none. None of them calls another */

/* Who decides, with interrupts off and any lock held: true is no. */
typedef bool refusal_decision(const struct trap_frame *frame);

/* From here on calls on this CPU are decided. Who decides is one for all CPUs. */
void refusal_start(const void *const functions[REFUSAL_FUNCTIONS], refusal_decision *decide);

/* And from here on they are not, on this CPU. */
void refusal_end(void);

#endif
