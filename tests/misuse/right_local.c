/*
 * A local that is born and dies between two waits.
 *
 * gcc: fine
 * clang: fine
 * lint: fine
 */
#include "leaf.h"

struct local {
	struct future future;
	struct leaf leaf;
};

ASYNC(local)
{
	ASYNC_BEGIN;
	await(call(&me->leaf, leaf));
	{
		intptr_t value = produce();

		write_to(&value);
		consume(value);
	}
	await(call(&me->leaf, leaf));
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct local *)frame, local), waker);
}
