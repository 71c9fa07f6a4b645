#include "task/join.h"

static enum poll join_poll(struct future *future, struct waker *waker)
{
	struct join *join = (struct join *)future;
	bool are_done = true;

	future->line = 1;
	for (unsigned int i = 0; i < JOIN_ARMS && join->arms[i] != NULL; i++) {
		if (waker == NULL)
			future_drop(join->arms[i]);
		else if (join->arms[i]->line != FUTURE_DONE && future_poll(join->arms[i], waker) == PENDING)
			are_done = false;
	}
	return are_done ? future_ready(future, 0) : PENDING;
}

static bool join_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	const struct join *join = (const struct join *)future;

	if (index >= JOIN_ARMS || join->arms[index] == NULL)
		return false;
	*wait = (struct wait){.child = join->arms[index]};
	return true;
}

const struct future_type join_type = {join_poll, "join", __FILE__, join_waits};
