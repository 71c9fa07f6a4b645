#include "task/sleep.h"

#include "task/task.h"

/* In the interrupt: on this CPU, so the sleep cannot be dropped meanwhile. */
static void fire(struct timer *timer)
{
	struct sleep *sleep = (struct sleep *)(void *)((char *)timer - offsetof(struct sleep, timer));
	struct waker *waker = __atomic_load_n(&sleep->waker, __ATOMIC_RELAXED);

	__atomic_store_n(&sleep->has_fired, true, __ATOMIC_RELEASE);
	wake(waker);
}

static enum poll sleep_poll(struct future *future, struct waker *waker)
{
	struct sleep *sleep = (struct sleep *)future;
	uint64_t deadline = sleep->timer.node.deadline;

	if (waker == NULL) {
		timer_cancel(&sleep->timer);
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
