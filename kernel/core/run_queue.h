/*
 * Who is to run next: a list that any CPU and any interrupt pushes onto and that one CPU takes whole. Its head says
 * three things in one word: NULL, nobody waits and the CPU is awake; RUN_QUEUE_IDLE, nobody waits and the CPU sleeps;
 * else the list, latest first. So "is there something to do?" and "must the CPU be kicked?" are one compare-exchange
 * each, and there is no second flag that could disagree.
 *
 * Every argument about order is about one word and its read-modify-writes: acquire and release are enough.
 */
#ifndef CORE_RUN_QUEUE_H
#define CORE_RUN_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/chaos.h"

struct run_queue;

/* The bits of a waker's state; core/waker.h tells what they mean. */
enum {
	WAKER_QUEUED = 1,  /* stands in its run queue */
	WAKER_LIVE = 2,    /* belongs to a task that has not finished */
	WAKER_CANCEL = 4,  /* the task is to be dropped instead of polled; the thread was killed */
	WAKER_HANDLE = 8,  /* somebody will ask for the result */
	WAKER_THREAD = 16, /* belongs to a thread that is not over */
};
#define WAKER_GENERATION (1ull << 32) /* one more each time a task or a thread is over */

struct waker {
	uint64_t state;         /* WAKER_..., and the generation from bit 32 on */
	struct waker *next;     /* whose WAKER_QUEUED it was to set, until the consumer has cleared it */
	struct run_queue *home; /* a task's never changes; a thread's is any scheduler's inbox */
};

_Static_assert(sizeof(struct waker) == 24, "small enough to be part of everything that sleeps");

struct run_queue {
	struct waker *head;
	void (*pend)(struct run_queue *queue); /* [irq] ends the sleep of the queue's CPU */
};

#define RUN_QUEUE_IDLE ((struct waker *)1)

#ifdef DEBUG
/* [irq] For run_queue_push(): panics if another thread could run here now. */
void run_queue_check(void);
#else
static inline void run_queue_check(void) {}
#endif

/*
 * [irq] Only for who has just set WAKER_QUEUED, which was clear, or has taken the waker out of another queue and not
 * cleared it; and where no other thread can come in between. Who has set WAKER_QUEUED swallows all other wakes of that
 * waker until it is here, and who pushes onto an idle queue all others' pends.
 */
static inline void run_queue_push(struct run_queue *queue, struct waker *waker)
{
	struct waker *head = __atomic_load_n(&queue->head, __ATOMIC_RELAXED);

	run_queue_check();
	do {
		waker->next = head == RUN_QUEUE_IDLE ? NULL : head;
		CHAOS();
	} while (!__atomic_compare_exchange_n(&queue->head, &head, waker, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (head == RUN_QUEUE_IDLE)
		queue->pend(queue);
}

/*
 * [task] The queue's own CPU: everybody who waits, in the order they came, linked by `next`; NULL if nobody does. Of
 * each, `next` is to be read before WAKER_QUEUED is cleared: afterwards it may be queued again.
 */
static inline struct waker *run_queue_take(struct run_queue *queue)
{
	struct waker *latest, *first = NULL, *next;

	if (__atomic_load_n(&queue->head, __ATOMIC_RELAXED) == NULL)
		return NULL;
	latest = __atomic_exchange_n(&queue->head, NULL, __ATOMIC_ACQ_REL);
	if (latest == RUN_QUEUE_IDLE)
		return NULL;
	for (; latest != NULL; latest = next) {
		next = latest->next;
		latest->next = first;
		first = latest;
	}
	return first;
}

/*
 * [task] The queue's own CPU, with interrupts off: true if it may sleep now, by an STI and a HLT that nothing can come
 * between. Whoever pushes from then on pends. An NMI wakes nobody: it could come after this and before the HLT.
 */
static inline bool run_queue_try_idle(struct run_queue *queue)
{
	struct waker *nobody = NULL;

	return __atomic_compare_exchange_n(
	        &queue->head, &nobody, RUN_QUEUE_IDLE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

#endif
