/*
 * The executor: each CPU has one. It polls the tasks whose wakers were woken, a batch at a time so that nobody starves,
 * and lets the CPU sleep when there are none. A task stays with its executor for ever.
 */
#ifndef TASK_EXECUTOR_H
#define TASK_EXECUTOR_H

#include "task/task.h"
#include "task/thread.h"

struct executor {
	struct run_queue queue;                   /* first */
	struct task *free[TASK_SLOT_CLASSES];     /* this CPU's alone */
	struct task *returned[TASK_SLOT_CLASSES]; /* free, too: by other CPUs */
	struct task *slots;                       /* all, free or not */
	struct task *current;                     /* whose poll runs */
	struct thread *thread;                    /* that polls them, and no other */
	uint64_t stamp;      /* the time-stamp counter when the last poll ended, or the CPU woke up */
	uint64_t slow_ticks; /* no poll that takes less is slow */
	uint64_t polls;      /* of tasks, so far */
	uint64_t halts;      /* how often the CPU was let sleep */
};

/* [irq] This CPU's. */
struct executor *executor_here(void);

/* [task] [thread] What wakes the caller: its task, or its thread. */
struct waker *executor_current_waker(void);

/* [irq] The name of the task that runs on this CPU, or of the thread; NULL if none does. */
const char *executor_task_name(void);

/* [init] On each CPU, once, before anything is spawned there, by the thread that is to be the executor's. */
void executor_start(void);

/* [thread] The executor's thread: runs tasks for ever, and sleeps when there is nothing to do. */
_Noreturn void executor_run(void);

/* [thread] The executor's: polls once each task that is ready now; returns how many wakers there were. What has passed
 * since the last poll counts as the first one's. */
unsigned int executor_run_ready(struct executor *executor);

/*
 * [thread] Waits until the future is done, and returns its result; not from a task, which awaits. The executor's thread
 * runs tasks meanwhile. In a thread that is killed (task/thread.h) the future is dropped and the result is -EINTR.
 */
intptr_t block_on(struct future *future);

/* For task.c: memory of the size of some slots becomes slots of this class. */
void task_add_slots(struct executor *executor, void *memory, size_t size, unsigned int class);

#endif
