#include "task/condition.h"

enum { NEW, WAITS, LOCKS }; /* a wait's line */

void condition_start(struct condition *condition, const char *name)
{
	*condition = (struct condition){.name = name, .lock = {.rank = RANK_TASKS, .name = name}};
}

bool condition_signal(struct condition *condition)
{
	uint64_t flags = spin_lock(&condition->lock);
	bool is_awaited = condition->waiting.first != NULL;

	if (is_awaited)
		wait_list_grant(&condition->waiting);
	spin_unlock(&condition->lock, flags);
	return is_awaited;
}

static unsigned int count_waiting(struct condition *condition)
{
	uint64_t flags = spin_lock(&condition->lock);
	unsigned int count = 0;

	for (const struct waiter *one = condition->waiting.first; one != NULL; one = one->next)
		count++;
	spin_unlock(&condition->lock, flags);
	return count;
}

/* One by one, so that the lock is never held for long; and no more than there are now, or who comes back at once could
 * keep this going for ever. */
void condition_broadcast(struct condition *condition)
{
	for (unsigned int left = count_waiting(condition); left > 0 && condition_signal(condition); left--)
		;
}

/* In the list first: a signal that comes as soon as the mutex is free is not missed. */
static void begin(struct condition_wait *wait, struct waker *waker)
{
	uint64_t flags = spin_lock(&wait->condition->lock);

	wait->waiter.waker = waker;
	wait_list_append(&wait->condition->waiting, &wait->waiter);
	spin_unlock(&wait->condition->lock, flags);
	CHAOS();
	mutex_unlock(wait->mutex);
}

static bool is_granted(struct condition_wait *wait)
{
	uint64_t flags = spin_lock(&wait->condition->lock);
	bool granted = wait->waiter.is_granted;

	spin_unlock(&wait->condition->lock, flags);
	return granted;
}

static void give_up(struct condition_wait *wait)
{
	uint64_t flags = spin_lock(&wait->condition->lock);
	bool granted = wait->waiter.is_granted;

	if (!granted)
		wait_list_remove(&wait->condition->waiting, &wait->waiter);
	spin_unlock(&wait->condition->lock, flags);
	if (wait->future.line == LOCKS)
		future_drop(&wait->lock.future);
	if (granted)
		condition_signal(wait->condition);
}

static enum poll wait_poll(struct future *future, struct waker *waker)
{
	struct condition_wait *wait = (struct condition_wait *)future;

	if (waker == NULL) {
		if (future->line == NEW)
			mutex_unlock(wait->mutex);
		else
			give_up(wait);
		return READY;
	}
	if (future->line == NEW) {
		future->line = WAITS;
		begin(wait, waker);
	}
	if (future->line == WAITS) {
		if (!is_granted(wait))
			return PENDING;
		future->line = LOCKS;
		(void)mutex_lock(&wait->lock, wait->mutex);
	}
	if (future_poll(&wait->lock.future, waker) == PENDING)
		return PENDING;
	return future_ready(future, 0);
}

static bool wait_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	const struct condition_wait *me = (const struct condition_wait *)future;

	if (future->line == LOCKS)
		*wait = (struct wait){.child = &me->lock.future};
	else
		*wait = (struct wait){.what = "condition", .name = me->condition->name};
	return index == 0;
}

const struct future_type condition_wait_type = {wait_poll, "condition_wait", __FILE__, wait_waits};
