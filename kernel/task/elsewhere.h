/*
 * A function for another CPU's executor: it runs there as part of a task, with interrupts on, and may spawn tasks,
 * which then are that CPU's. Nobody waits for it unless it says so itself.
 */
#ifndef TASK_ELSEWHERE_H
#define TASK_ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

/* Part of what the caller keeps until the function runs. All but `next` is his to fill in. */
struct elsewhere {
	void (*function)(struct elsewhere *self);
	struct elsewhere *next;
};

/* [init] On each CPU that others are to give functions to. False without memory. */
bool elsewhere_start_cpu(void);

/* [irq] The CPU, which may be this one, runs the function soon; in the order given. */
void elsewhere_run(uint32_t cpu, struct elsewhere *what);

#endif
