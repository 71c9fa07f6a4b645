/*
 * The one way by which anything is made runnable. A waker is part of what sleeps: a task, a thread. wake() is legal
 * everywhere but in an NMI (core/fault.h tells), allocates nothing, takes no lock, and twice is as good as once. Rules:
 *  - The memory of a waker stays a waker for ever, of the same home, though its owner may change (a thread's home may
 * be any scheduler's inbox: they pass on what is another's): so a wake that comes late finds nobody, or wakes the new
 * owner once for nothing. Who is woken must look whether what it waits for is so.
 *  - What a wake tells of is written before it; who is woken sees it. That needs wake() to write the state even if
 *    WAKER_QUEUED is set: to look first and leave it would be wrong.
 */
#ifndef CORE_WAKER_H
#define CORE_WAKER_H

#include "core/run_queue.h"
#include "preempt.h"

/* Sees each wake that makes somebody runnable, where it is given, before he is queued. */
typedef void waker_observer(struct waker *waker);

/* [init] Who that is; until then waker_observe() is not called. */
void waker_set_observer(waker_observer *who);

/* [thread] Whether it is asked from now on. */
void waker_observe(bool wanted);

/* For wake(). */
extern bool waker_is_observed;
void waker_show(struct waker *waker);

/* [irq] wake(), where preemption is disabled already. */
static inline void waker_queue(struct waker *waker)
{
	if (!(__atomic_fetch_or(&waker->state, WAKER_QUEUED, __ATOMIC_ACQ_REL) & WAKER_QUEUED)) {
		if (__builtin_expect(waker_is_observed, false))
			waker_show(waker);
		CHAOS();
		run_queue_push(__atomic_load_n(&waker->home, __ATOMIC_RELAXED), waker);
	}
}

/* [irq] */
static inline void wake(struct waker *waker)
{
	preempt_disable();
	waker_queue(waker);
	preempt_enable();
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
	struct waker *before;

	preempt_disable(); /* until whom it took out is woken: nobody else can */
	before = __atomic_exchange_n(&place->waker, waker, __ATOMIC_ACQ_REL);
	CHAOS();
	if (before != NULL && before != waker)
		waker_queue(before);
	preempt_enable();
}

/* [irq] Wakes who has left its waker here, if there is one, once. */
static inline void atomic_waker_wake(struct atomic_waker *place)
{
	struct waker *waker;

	preempt_disable();
	waker = __atomic_exchange_n(&place->waker, NULL, __ATOMIC_ACQ_REL);
	CHAOS();
	if (waker != NULL)
		waker_queue(waker);
	preempt_enable();
}

/* [task] Takes the waker back, if it is still there. */
static inline void atomic_waker_cancel(struct atomic_waker *place, struct waker *waker)
{
	__atomic_compare_exchange_n(&place->waker, &waker, NULL, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

#endif
