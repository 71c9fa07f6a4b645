#include "task/once.h"

void once_end(struct once *once, bool is_made)
{
	__atomic_store_n(&once->is_made, is_made, __ATOMIC_RELEASE);
	mutex_unlock(&once->making);
}

static enum poll begin_poll(struct future *future, struct waker *waker)
{
	struct once_begin *begin = (struct once_begin *)future;

	if (waker == NULL) {
		if (future->line != 0)
			future_drop(&begin->lock.future);
		return READY;
	}
	if (future->line == 0) {
		if (once_is_made(begin->once))
			return future_ready(future, 0);
		(void)mutex_lock(&begin->lock, &begin->once->making);
		future->line = 1;
	}
	if (future_poll(&begin->lock.future, waker) == PENDING)
		return PENDING;
	if (!once_is_made(begin->once))
		return future_ready(future, 1);
	mutex_unlock(&begin->once->making);
	return future_ready(future, 0);
}

static bool begin_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	*wait = (struct wait){.child = &((const struct once_begin *)future)->lock.future};
	return index == 0;
}

const struct future_type once_begin_type = {begin_poll, "once_begin", __FILE__, begin_waits};
