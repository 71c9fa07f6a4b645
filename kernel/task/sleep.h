/*
 * Waiting for a time.
 */
#ifndef TASK_SLEEP_H
#define TASK_SLEEP_H

#include "task/future.h"
#include "time/clock.h"
#include "time/timer.h"

/* [task] Waits until clock_monotonic_ns() is `when` or a little more, never less; UINT64_MAX is for ever. Returns
 * 0. */
#define sleep_until(p, when) call(p, sleep, .timer.node.deadline = (when))

/* [task] The same, `ns` nanoseconds from this call on. */
#define sleep_for(p, ns) sleep_until(p, sleep_deadline(ns))

struct sleep {
	struct future future;
	struct waker *waker;
	struct timer timer; /* of the CPU where the sleep began, as its task is */
	bool has_fired;
};
extern const struct future_type sleep_type;

/* [irq] When it will be so much later; UINT64_MAX if no clock ever shows that. */
static inline uint64_t sleep_deadline(uint64_t ns)
{
	uint64_t now = clock_monotonic_ns();

	return ns < UINT64_MAX - now ? now + ns : UINT64_MAX;
}

#endif
