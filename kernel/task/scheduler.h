/*
 * Which thread runs. Each CPU has a scheduler: an inbox where whoever is woken is put from anywhere, and queues of who
 * is ready. The inbox is marked idle except while it is emptied, so whoever puts the first one in pends, and that
 * requests a look at it (preempt.h). When nobody is ready, the CPU halts, in the thread that ran last.
 *
 * There is no tick: a timer ends slices, and is armed only when another fair thread is ready.
 */
#ifndef TASK_SCHEDULER_H
#define TASK_SCHEDULER_H

#include "core/spinlock.h"
#include "task/thread.h"
#include "time/timer.h"

struct thread_list {
	struct thread *first, *last;
};

struct scheduler {
	struct run_queue inbox; /* first */
	struct spinlock lock;   /* guards the rest */
	uint32_t cpu;           /* whose it is */
	struct thread *current;
	uint32_t ready;                              /* bit p: somebody in lists[p] */
	struct thread_list lists[THREAD_PRIORITIES]; /* THREAD_FAIR's is the fair queue */
	struct fair_queue fair;
	struct timer slice;
	uint64_t slice_ticks;
	uint64_t stamp; /* the time-stamp counter when time was charged last */
	uint64_t began; /* what that counter was when the scheduler did */
	uint64_t switches, halts, steals, idle_ticks;
	uint32_t coming; /* threads that were sent here and are not ready yet: changed by all CPUs, without the lock */
	bool is_idle;
	bool has_remains;          /* one of the next three: work for who runs next */
	bool has_newcomers;        /* who waits now was not offered to other CPUs */
	uint64_t dead_stack;       /* of a thread that is over; 0: none */
	struct thread *leaver;     /* who ran last would go on, or may not run here any more; NULL: neither */
	struct thread nobody;      /* what is current after one that is over: its last switch leaves its context here */
	struct thread *vectors_of; /* whose the CPU's vector registers are; NULL: nobody's */
	struct thread first;       /* what ran before there were threads: the executor's */
};

/* [irq] This CPU's, or another's that is online. */
struct scheduler *scheduler_here(void);
struct scheduler *scheduler_on(uint32_t cpu);

/* [irq] How many threads wait for their turn on a CPU that is online, or will soon: it may change at any time. */
uint32_t scheduler_load(uint32_t cpu);

/* [irq] For how long the thread has run, in ticks of the time-stamp counter; exact while the lock of its CPU's
 * scheduler is held. */
uint64_t scheduler_ticks(const struct thread *thread);

/* [init] What runs is a thread from now on, the executor's to be: on the boot CPU, and on each other, once. Interrupts
 * may be off. */
void scheduler_start(void);
void scheduler_start_cpu(void);

/* [thread] Sleeps until the thread's waker is woken; not at all if it was since it last returned. May return for
 * nothing. */
void scheduler_park(void);

/* [thread] Lets others that are ready run, if it is their turn now. */
void scheduler_yield(void);

/* [irq] For task/inheritance.c: the thread goes on with another priority. */
void scheduler_set_priority(struct thread *thread, uint8_t priority);

/* [task] CPUs' time-stamp counters differ: none is to be compared with what another CPU read. */
void scheduler_distrust_counters(void);

/* [irq] For task/thread.c: the thread, which is not over, runs on one of these CPUs from now on. */
void scheduler_set_affinity(struct thread *thread, const struct cpu_set *allowed);

/* [thread] For task/thread.c: the area, NULL for none, is from now on where this thread's vector registers are kept;
 * the CPU's are loaded from it. Returns the one before. */
void *scheduler_use_vectors(void *area);

/* [thread] [task] For task/thread.c: a new thread of this CPU is ready, here or on an idle CPU. */
void scheduler_add(struct thread *thread);

/* [thread] For task/thread.c: what a new thread does first. */
void scheduler_begin(void);

/* [thread] For task/thread.c: the thread that runs is over. */
_Noreturn void scheduler_end(void);

#endif
