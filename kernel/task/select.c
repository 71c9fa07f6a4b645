#include "task/select.h"

/* All but those that are done: of a select that is over, all but the one that won. */
static void drop_arms(struct select *select)
{
	for (unsigned int i = 0; i < SELECT_ARMS && select->arms[i] != NULL; i++)
		future_drop(select->arms[i]);
}

static enum poll select_poll(struct future *future, struct waker *waker)
{
	struct select *select = (struct select *)future;

	if (waker == NULL) {
		drop_arms(select);
		return READY;
	}
	future->line = 1;
	for (unsigned int i = 0; i < SELECT_ARMS && select->arms[i] != NULL; i++) {
		if (future_poll(select->arms[i], waker) == READY) {
			drop_arms(select);
			return future_ready(future, i);
		}
	}
	return PENDING;
}

static bool select_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	const struct select *select = (const struct select *)future;

	if (index >= SELECT_ARMS || select->arms[index] == NULL)
		return false;
	*wait = (struct wait){.child = select->arms[index], .is_choice = true};
	return true;
}

const struct future_type select_type = {select_poll, "select", __FILE__, select_waits};
