/*
 * Threads: functions with a stack of their own, that run in turns, and are made to wait for others at any moment
 * (task/scheduler.h). A thread sleeps on the same waker as a task does: block_on() polls a future and parks the thread
 * until its waker is woken. Rules:
 *  - Code may be interrupted by another thread wherever interrupts are on, no spinlock is held and preempt_disable() is
 *    not in force.
 *  - Who parks holds no spinlock, has interrupts on and preemption enabled; otherwise it panics.
 *  - The memory of a struct thread stays one for ever: a wake that comes late finds nobody, or wakes the slot's next
 *    thread once for nothing. Stacks go back to a cache (task/thread_stack.h).
 */
#ifndef TASK_THREAD_H
#define TASK_THREAD_H

#include "core/cpus.h"
#include "core/waker.h"
#include "percpu.h"
#include "switch.h"
#include "task/fair_queue.h"
#include "task/future.h"
#include "task/standstill.h"

#define THREAD_NAME_MAX 20 /* with its zero byte */

/*
 * Priorities. Who has a higher one runs first, and makes who has a lower one wait. Of one real-time priority, the first
 * to come runs until it sleeps. All fair threads share what is left, by weight.
 */
enum {
	THREAD_FAIR,
	THREAD_EXECUTOR, /* of each CPU */
	THREAD_REAL_TIME,
	THREAD_PRIORITIES = 32,
};

/* Under the lock of the scheduler of its CPU. */
enum thread_state { THREAD_FREE, THREAD_READY, THREAD_RUNS, THREAD_PARKED, THREAD_OVER };

struct mutex;

struct thread {
	struct waker waker;         /* first; its home is an inbox: of its CPU's scheduler, or one that passes it on */
	struct atomic_waker joiner; /* who waits for the result */
	struct switch_context context;
	struct fair_entity fair;
	struct thread *next; /* in a list of the scheduler's, or of free slots */
	uint64_t ticks;      /* of the time-stamp counter, spent running */
	uint64_t switches;   /* to it */
	enum thread_state state;
	bool is_woken;           /* since it parked last: it is not to park now */
	uint8_t priority;        /* now: its own, or a higher one that was lent to it */
	uint8_t own_priority;    /* as it was created */
	bool has_moved;          /* to another CPU, and was not ready there yet */
	uint32_t woken_by;       /* task/trace.c's: the number of the latest wake that was recorded; 0: none */
	uint32_t cpu;            /* changed only by who has the lock of its scheduler */
	uint32_t slot_cpu;       /* whose list the slot goes back to */
	struct cpu_set affinity; /* the CPUs where it may run */
	struct mutex *lent;      /* for these a priority was lent (task/inheritance.c) */
	struct mutex *wants;     /* in block_on() of its lock */

	intptr_t (*run)(void *argument);
	void *argument;
	intptr_t result;
	void *vectors;  /* where its vector registers are kept (arch: vector_state.h); NULL: it uses none */
	uint64_t stack; /* the lowest address; 0: not one of the cache's */
	const struct future *waits_for; /* in block_on() */
	struct standstill standstill;   /* task/hung.c's */
	struct thread *next_slot;       /* all there are */
	char name[THREAD_NAME_MAX];
};

/* What a new thread is to be. */
struct thread_plan {
	const char *name; /* copied */
	intptr_t (*run)(void *argument);
	void *argument;
	uint32_t weight;                /* of a fair one, FAIR_WEIGHT_MIN to FAIR_WEIGHT_MAX; 0: FAIR_WEIGHT */
	uint8_t priority;               /* THREAD_FAIR, or THREAD_REAL_TIME and more */
	const struct cpu_set *affinity; /* copied; where it may run; NULL: on all CPUs */
};

/*
 * [thread] [task] A new thread, on an idle CPU or this one: thread_create(.name = "copy", .run = copy, .argument =
 * &job). It may run before this returns. The caller holds its handle until it has joined or detached it. NULL without
 * memory. A priority or weight that there is not is a panic, and so is a set of CPUs of which none is online.
 */
#define thread_create(...) thread_create_as(&(const struct thread_plan){__VA_ARGS__})
struct thread *thread_create_as(const struct thread_plan *plan);

/*
 * [thread] From here on the thread's vector registers are its own, and hold at first what a program begins with; for
 * code that was compiled to use them. 0, or -ENOMEM.
 */
int thread_use_vectors(void);

/*
 * [thread] [task] A thread of which the caller has the handle, or the caller's own, runs on these CPUs only, from now
 * on; one that runs elsewhere leaves soon. It may be woken for nothing. -EINVAL if none of them is online, or if it is
 * an executor's, which stays where it is.
 */
int thread_set_affinity(struct thread *thread, const struct cpu_set *allowed);

/* [thread] Ends the thread that calls it. To return from its function does the same. */
_Noreturn void thread_exit(intptr_t result);

/* [thread] [task] The handle is given up without waiting; the thread goes on. */
void thread_detach(struct thread *thread);

/*
 * [thread] [task] Waits until a thread that the caller has the handle of is over, returns its result, and gives the
 * handle back. A join that is dropped leaves the handle with the caller.
 */
#define thread_join(p, its_thread) call(p, thread_join, .thread = (its_thread))
struct thread_join {
	struct future future;
	struct thread *thread;
	struct waker *waker;
};
extern const struct future_type thread_join_type;

/*
 * [irq] Whoever has the handle, or the generation: the block_on() in which the thread waits, and each later one, drops
 * its future and returns -EINTR. The thread is to end then. False if it is over already.
 */
bool thread_kill(struct thread *thread, uint32_t generation);

/* [irq] Tells this thread from the next in the same slot. */
static inline uint32_t thread_generation(const struct thread *thread)
{
	return (uint32_t)(__atomic_load_n(&thread->waker.state, __ATOMIC_RELAXED) >> 32);
}

/* [irq] The one that runs here. */
static inline struct thread *thread_current(void)
{
	return percpu_thread();
}

/* [irq] The thread that is woken by this; NULL: none. */
static inline struct thread *thread_of(struct waker *waker)
{
	bool is_thread = (__atomic_load_n(&waker->state, __ATOMIC_RELAXED) & WAKER_THREAD) != 0;

	return is_thread ? (struct thread *)(void *)waker : NULL;
}

/* [thread] Was it killed? For who works long without block_on(). */
static inline bool thread_is_killed(void)
{
	return (__atomic_load_n(&thread_current()->waker.state, __ATOMIC_RELAXED) & WAKER_CANCEL) != 0;
}

/* [irq] All there are and were, in no order: the next after `thread`, or the first after NULL. Free ones have the state
 * THREAD_FREE. */
struct thread *thread_next(const struct thread *thread);

/* [irq] The name of the thread whose work this is; NULL: it is an executor's, or the CPU sleeps. */
const char *thread_running_name(void);

/* For the scheduler: the thread is over; who waits for it is woken, or its slot is free. Its stack is still in use. */
void thread_finish(struct thread *thread);

/* For the scheduler: `thread`, all zero and for ever, is what runs here already. */
void thread_adopt(struct thread *thread, struct run_queue *home, const char *name, uint8_t priority);

#endif
