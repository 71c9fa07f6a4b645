/*
 * A local with a value before ASYNC_BEGIN: it would be 0 again after every wait.
 *
 * gcc: missed
 * clang: missed
 * lint: ASYNC_BEGIN is not the first line
 */
#include "leaf.h"

struct before_begin {
	struct future future;
	struct leaf leaf;
};

ASYNC(before_begin)
{
	intptr_t value = 0;

	ASYNC_BEGIN;
	value = produce();
	await(call(&me->leaf, leaf));
	consume(value);
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct before_begin *)frame, before_begin), waker);
}
