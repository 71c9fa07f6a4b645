/*
 * Threads whom memory is refused now and then, as their dice say. They make threads, tasks and stacks and take blocks:
 * who gets none goes on without it, and gives back what it has.
 */
#ifndef TESTS_HUNGER_H
#define TESTS_HUNGER_H

#include <stdbool.h>
#include <stdint.h>

/* What hunger_run() is given. */
struct hunger {
	uint64_t dice; /* first, as in a guest */
	unsigned int feasts;
	bool forgets;         /* a stack, once: a mistake */
	unsigned int refused; /* calls for memory of its own */
};

/* From here on, and until here, those threads are refused memory on this CPU. */
void hunger_begin(void);
void hunger_end(void);

/* A thread's function. Returns how much went wrong: a thread or a task with another result than it has to have. */
intptr_t hunger_run(void *hunger);

#endif
