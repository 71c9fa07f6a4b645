#include "task/timeout.h"

#include "abi/errno.h"

static enum poll timeout_poll(struct future *future, struct waker *waker)
{
	struct timeout *me = (struct timeout *)future;

	if (waker == NULL) {
		future_drop(me->inner);
		future_drop(&me->sleep.future);
		return READY;
	}
	future->line = 1;
	if (future_poll(me->inner, waker) == READY) {
		future_drop(&me->sleep.future);
		return future_ready(future, me->inner->ret);
	}
	if (future_poll(&me->sleep.future, waker) == READY) {
		future_drop(me->inner);
		return future_ready(future, -ETIMEDOUT);
	}
	return PENDING;
}

static bool timeout_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	const struct timeout *me = (const struct timeout *)future;

	*wait = (struct wait){.child = index == 0 ? me->inner : &me->sleep.future, .is_choice = true};
	return index < 2;
}

const struct future_type timeout_type = {timeout_poll, "timeout", __FILE__, timeout_waits};
