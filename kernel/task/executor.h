/*
 * The executor: each CPU has one. It polls the tasks whose wakers were woken, a batch at a time so that nobody starves,
 * and lets the CPU sleep when there are none. A task stays with its executor for ever.
 */
#ifndef TASK_EXECUTOR_H
#define TASK_EXECUTOR_H

#include "task/task.h"

struct executor {
	struct run_queue queue;                   /* first */
	struct task *free[TASK_SLOT_CLASSES];     /* this CPU's alone */
	struct task *returned[TASK_SLOT_CLASSES]; /* free, too: by other CPUs */
	struct task *slots;                       /* all, free or not */
	struct task *current;                     /* whose poll runs */
	struct waker outside;                     /* of block_on(), which is no task */
	bool outside_woken;
	uint64_t stamp;      /* the time-stamp counter when the last poll ended, or the CPU woke up */
	uint64_t slow_ticks; /* no poll that takes less is slow */
	uint64_t polls;      /* of tasks, so far */
	uint64_t halts;      /* how often the CPU was let sleep */
};

/* [irq] This CPU's. */
struct executor *executor_here(void);

/* [task] What wakes the caller: its task, or block_on(). */
static inline struct waker *executor_current_waker(struct executor *executor)
{
	return executor->current != NULL ? &executor->current->waker : &executor->outside;
}

/* [init] On each CPU, once, before anything is spawned there. */
void executor_start(void);

/* [thread] Runs tasks for ever, and sleeps when there is nothing to do. */
_Noreturn void executor_run(void);

/* [thread] Polls once each task that is ready now; returns how many wakers there were. What has passed since the last
 * poll counts as the first one's. */
unsigned int executor_run_ready(struct executor *executor);

/*
 * [init] Runs this CPU's executor until the future is done, and returns its result. For the boot context: before
 * executor_run(), with interrupts on, not from a task.
 */
intptr_t block_on(struct future *future);

/* For task.c: memory of the size of some slots becomes slots of this class. */
void task_add_slots(struct executor *executor, void *memory, size_t size, unsigned int class);

#endif
