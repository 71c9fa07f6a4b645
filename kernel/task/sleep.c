#include "task/sleep.h"

#include "cpu.h"
#include "task/task.h"

/* When has_fired is set the sleep may be over, and its memory another's: its thread can be on another CPU by now. */
static void fire(struct timer *timer)
{
	struct sleep *sleep = (struct sleep *)(void *)((char *)timer - offsetof(struct sleep, timer));
	struct waker *waker = __atomic_load_n(&sleep->waker, __ATOMIC_RELAXED);

	__atomic_store_n(&sleep->has_fired, true, __ATOMIC_RELEASE);
	wake(waker);
}

/* If the timer is not to be stopped any more, its interrupt is about to come to its end on another CPU. */
static void end_timer(struct sleep *sleep)
{
	if (timer_cancel(&sleep->timer))
		return;
	while (!__atomic_load_n(&sleep->has_fired, __ATOMIC_ACQUIRE))
		cpu_relax();
}

static enum poll sleep_poll(struct future *future, struct waker *waker)
{
	struct sleep *sleep = (struct sleep *)future;
	uint64_t deadline = sleep->timer.node.deadline;

	if (waker == NULL) {
		if (future->line != 0)
			end_timer(sleep);
		return READY;
	}
	__atomic_store_n(&sleep->waker, waker, __ATOMIC_RELAXED);
	if (future->line == 0) {
		if (!task_charge(waker))
			return PENDING;
		if (clock_monotonic_ns() >= deadline)
			return future_ready(future, 0);
		future->line = 1;
		sleep->timer.fire = fire;
		timer_start(&sleep->timer, deadline);
	}
	return __atomic_load_n(&sleep->has_fired, __ATOMIC_ACQUIRE) ? future_ready(future, 0) : PENDING;
}

static bool sleep_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	(void)future;
	*wait = (struct wait){.what = "time"};
	return index == 0;
}

const struct future_type sleep_type = {sleep_poll, "sleep", __FILE__, sleep_waits};
