#include "time/timer.h"

#include "core/spinlock.h"
#include "cpu.h"
#include "percpu.h"
#include "time/clock.h"

#define NEVER UINT64_MAX

struct timers {
	struct spinlock lock; /* guards the rest */
	struct timer_queue queue;
	uint64_t armed; /* when the event comes, or NEVER; should have come, if that has passed: then it got lost */
	bool is_firing; /* timer_interrupt() runs, and will arm at its end */
	const struct timer_event *event;
	uint64_t interrupts;
};

static PERCPU(struct timers, timers) = {.lock = SPINLOCK(RANK_TIMERS, "timers"), .armed = NEVER};

static struct timer *timer_of(struct timer_node *node)
{
	return (struct timer *)node; /* its first field */
}

/* Lets the event come for the first timer, unless it comes earlier anyway. The boot CPU also wakes to read the clock.
 */
static void arm(struct timers *mine, uint64_t now)
{
	uint64_t patience = percpu_cpu() == 0 ? clock_patience_ns() : NEVER;
	uint64_t wait = mine->queue.first != NULL ? mine->queue.first->deadline : NEVER;

	if (wait != NEVER)
		wait = wait > now ? wait - now : 0;
	if (wait > patience)
		wait = patience;
	if (wait == NEVER || mine->event == NULL || mine->is_firing)
		return;
	if (wait > TIMER_EVENT_LONGEST_NS)
		wait = TIMER_EVENT_LONGEST_NS;
	if (mine->armed >= now && mine->armed <= now + wait)
		return;
	mine->armed = now + wait;
	mine->event->arm(wait);
}

void timer_start(struct timer *timer, uint64_t deadline_ns)
{
	uint64_t flags = cpu_interrupts_save(), now;
	struct timers *mine = percpu(timers);

	timer_cancel(timer);
	spin_lock(&mine->lock);
	now = clock_monotonic_ns();
	/* Never in the past: so one that keeps starting itself for then cannot get before others that are due. */
	timer->node.deadline = deadline_ns > now ? deadline_ns : now;
	timer->pending = mine;
	timer_queue_add(&mine->queue, &timer->node);
	arm(mine, now);
	spin_unlock(&mine->lock, flags);
}

/* The event stays armed: it will find nothing to do, which costs less than arming again each time. */
bool timer_cancel(struct timer *timer)
{
	struct timers *where = __atomic_load_n(&timer->pending, __ATOMIC_RELAXED);
	uint64_t flags;
	bool was_pending;

	if (where == NULL)
		return false;
	flags = spin_lock(&where->lock);
	was_pending = timer->pending == where; /* it may have fired before we got the lock */
	if (was_pending) {
		timer_queue_remove(&where->queue, &timer->node);
		timer->pending = NULL;
	}
	spin_unlock(&where->lock, flags);
	return was_pending;
}

void timer_use_event(const struct timer_event *event)
{
	uint64_t flags = cpu_interrupts_save();
	struct timers *mine = percpu(timers);

	spin_lock(&mine->lock);
	mine->event = event;
	mine->armed = NEVER;
	arm(mine, clock_monotonic_ns());
	spin_unlock(&mine->lock, flags);
}

/* The first timer if it is due; none that was started after `orders`, or one could keep us here for ever. */
static struct timer *take_due(struct timers *mine, uint64_t now, uint64_t orders)
{
	struct timer_node *first = mine->queue.first;

	if (first == NULL || first->deadline > now || first->order >= orders)
		return NULL;
	timer_queue_remove(&mine->queue, first);
	timer_of(first)->pending = NULL;
	return timer_of(first);
}

void timer_interrupt(void)
{
	struct timers *mine = percpu(timers);
	uint64_t flags, now, orders;
	struct timer *timer;

	mine->interrupts++;
	clock_check();
	now = clock_monotonic_ns();
	flags = spin_lock(&mine->lock);
	mine->is_firing = true;
	orders = mine->queue.orders;
	while ((timer = take_due(mine, now, orders)) != NULL) {
		spin_unlock(&mine->lock, flags);
		timer->fire(timer);
		spin_lock(&mine->lock);
	}
	mine->is_firing = false;
	mine->armed = NEVER;
	arm(mine, clock_monotonic_ns());
	spin_unlock(&mine->lock, flags);
}

uint64_t timer_interrupts(void)
{
	return __atomic_load_n(&percpu(timers)->interrupts, __ATOMIC_RELAXED);
}

uint64_t timer_interrupts_of(uint32_t cpu)
{
	return __atomic_load_n(&percpu_of(timers, cpu)->interrupts, __ATOMIC_RELAXED);
}

const struct timer_event *timer_event(void)
{
	return percpu(timers)->event;
}

const struct timer_event *timer_event_of(uint32_t cpu)
{
	return percpu_of(timers, cpu)->event;
}

unsigned int timer_list(struct timer_view *views, unsigned int max)
{
	struct timers *mine = percpu(timers);
	uint64_t flags = spin_lock(&mine->lock);
	unsigned int count = 0;

	for (struct timer_node *node = mine->queue.first; node != NULL; node = timer_queue_next(node), count++) {
		if (count < max)
			views[count] = (struct timer_view){node->deadline, timer_of(node)->fire};
	}
	spin_unlock(&mine->lock, flags);
	return count;
}
