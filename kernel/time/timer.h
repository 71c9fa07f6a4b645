/*
 * Something to be done at a time. Each CPU has its own queue; a timer fires on the CPU where it was started. There is
 * no tick: an interrupt comes when the first timer is due (or when a counter that wraps has to be read), else none.
 */
#ifndef TIME_TIMER_H
#define TIME_TIMER_H

#include <stdbool.h>

#include "time/clock_source.h"
#include "time/timer_queue.h"

struct timers; /* one CPU's */

/*
 * Embedded in what it is for, and the owner's, who keeps it while it is pending. All zero but `fire` is ready for use.
 * Only one CPU at a time may start a given timer; any may cancel it.
 */
struct timer {
	struct timer_node node;
	struct timers *pending; /* where it waits; NULL: nowhere */
	/* Runs in the interrupt, with no lock held. May start and cancel timers, its own too. */
	void (*fire)(struct timer *timer);
};

_Static_assert(sizeof(struct timer) == 64, "one line of the cache");

/* What interrupts this CPU once, after a while. */
struct timer_event {
	const char *name;
	/* [irq] Brings timer_interrupt() in `ns` or soon after, or earlier if it cannot wait so long, instead of when
	 * it was armed for before. */
	void (*arm)(uint64_t ns);
};

#define TIMER_EVENT_LONGEST_NS (NS_PER_SECOND << 20) /* no event is armed for longer: 12 days */

/* [irq] Fires the timer at `deadline_ns` of clock_monotonic_ns() or soon after: now, if that has passed; UINT64_MAX is
 * never. One that is pending already moves. Of several with one deadline, the first that was started fires first. */
void timer_start(struct timer *timer, uint64_t deadline_ns);

/* [irq] Forgets it; returns whether it was pending. If not, it has fired or never been started; on another CPU it may
 * just be firing. */
bool timer_cancel(struct timer *timer);

/* [irq] */
static inline bool timer_is_pending(const struct timer *timer)
{
	return __atomic_load_n(&timer->pending, __ATOMIC_RELAXED) != NULL;
}

/* [init] How this CPU is interrupted; the caller keeps it. Arms it if need be. */
void timer_use_event(const struct timer_event *event);

/* [irq] The event has come: fires what is due, with interrupts off, and arms for the next. */
void timer_interrupt(void);

/* [irq] How often timer_interrupt() has run on this CPU, or on another that has a block. */
uint64_t timer_interrupts(void);
uint64_t timer_interrupts_of(uint32_t cpu);

/* [irq] How this CPU is interrupted, or another that has a block; NULL: it is not. */
const struct timer_event *timer_event(void);
const struct timer_event *timer_event_of(uint32_t cpu);

struct timer_view {
	uint64_t deadline_ns;
	void (*fire)(struct timer *timer);
};

/* [irq] Copies up to `max` of this CPU's pending timers, in no order; returns how many there are. */
unsigned int timer_list(struct timer_view *views, unsigned int max);

#endif
