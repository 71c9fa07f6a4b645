/*
 * How many there are of all that can be lost. Exact when nobody is at work but the caller, on CPU 0.
 */
#ifndef TESTS_OBJECT_COUNTS_H
#define TESTS_OBJECT_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

enum object {
	OBJECT_THREADS,
	OBJECT_STACKS,
	OBJECT_TASKS,
	OBJECT_TIMERS,
	OBJECT_BLOCKS,
	OBJECT_REGIONS,
	OBJECT_FRAMES,
	OBJECTS
};

struct object_counts {
	uint64_t of[OBJECTS];
};

/* Once, before the first count: takes as much as will ever be taken at once, so that page tables and slots are there.
 */
void object_counts_prepare(void);

/* What is kept for the next who wants it is as much afterwards as it was the last time. */
struct object_counts object_counts_take(void);

/* Waits until all is as it was, but not for ever: what is over gives back its stack only when the next one runs, and a
 * thread that nobody joins ends when it likes. Calls step() while it waits. False: prints what is not. */
bool object_counts_come_back(const struct object_counts *before, void (*step)(void));

#endif
