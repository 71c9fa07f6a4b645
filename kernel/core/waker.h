/*
 * The one way by which anything is made runnable. A waker is part of what sleeps: a task, a thread. wake() is legal
 * everywhere but in an NMI (core/fault.h tells), allocates nothing, takes no lock, and twice is as good as once. Rules:
 *  - The memory of a waker stays a waker for ever, of the same home, though its owner may change: so a wake that comes
 *    late finds nobody, or wakes the new owner once for nothing. Who is woken must look whether what it waits for is
 * so.
 *  - What a wake tells of is written before it; who is woken sees it. That needs wake() to write the state even if
 *    WAKER_QUEUED is set: to look first and leave it would be wrong.
 */
#ifndef CORE_WAKER_H
#define CORE_WAKER_H

#include "core/run_queue.h"

/* [irq] */
static inline void wake(struct waker *waker)
{
	if (!(__atomic_fetch_or(&waker->state, WAKER_QUEUED, __ATOMIC_ACQ_REL) & WAKER_QUEUED)) {
		CHAOS();
		run_queue_push(waker->home, waker);
	}
}

/* The place where one who waits leaves its waker for one who will wake it. All zero is empty. */
struct atomic_waker {
	struct waker *waker;
};

/*
 * [task] Leaves a waker: then look again whether what it waits for has come meanwhile, for that was not told to it.
 * Another's who waited here is woken, and may come back.
 */
static inline void atomic_waker_register(struct atomic_waker *place, struct waker *waker)
{
	struct waker *before = __atomic_exchange_n(&place->waker, waker, __ATOMIC_ACQ_REL);

	CHAOS();
	if (before != NULL && before != waker)
		wake(before);
}

/* [irq] Wakes who has left its waker here, if there is one, once. */
static inline void atomic_waker_wake(struct atomic_waker *place)
{
	struct waker *waker = __atomic_exchange_n(&place->waker, NULL, __ATOMIC_ACQ_REL);

	CHAOS();
	if (waker != NULL)
		wake(waker);
}

/* [task] Takes the waker back, if it is still there. */
static inline void atomic_waker_cancel(struct atomic_waker *place, struct waker *waker)
{
	__atomic_compare_exchange_n(&place->waker, &waker, NULL, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

#endif
