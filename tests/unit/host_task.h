/*
 * A machine for tasks: a heap that can run dry, and a clock that stands still except while the CPU sleeps: then it
 * jumps to the moment of the next timer, whose interrupt comes.
 */
#ifndef TESTS_HOST_TASK_H
#define TESTS_HOST_TASK_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "task/executor.h"

struct host_tasks {
	uint64_t now;            /* ns */
	uint64_t event_at;       /* UINT64_MAX: no timer is armed */
	bool is_dry;             /* kmalloc fails */
	unsigned int allocated;  /* blocks */
	jmp_buf *on_panic;       /* where a panic goes; NULL: the test fails */
	char panic_text[400];    /* of the last panic */
	char log[4000];          /* what the kernel said */
	void (*interrupt)(void); /* instead of the timer's, while the CPU sleeps; may be NULL */
};
extern struct host_tasks host_tasks;

/* A new machine with a new executor. */
void host_tasks_start(void);

/* Polls until nobody is ready; the clock stands still. */
void host_tasks_run(void);

/* Lets time pass: timers fire when they are due, and tasks run. */
void host_tasks_pass(uint64_t ns);

/* True if the body causes a panic. */
#define HOST_PANICS(...)                                                                                               \
	({                                                                                                             \
		jmp_buf here_;                                                                                         \
		bool came_back_ = setjmp(here_) != 0;                                                                  \
		host_tasks.on_panic = &here_;                                                                          \
		if (!came_back_) {                                                                                     \
			__VA_ARGS__;                                                                                   \
		}                                                                                                      \
		host_tasks.on_panic = NULL;                                                                            \
		came_back_;                                                                                            \
	})

#endif
