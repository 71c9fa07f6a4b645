/*
 * A local that gets its value before a wait and is read after it.
 *
 * gcc: maybe-uninitialized
 * clang: (conditional|sometimes)-uninitialized
 * lint: fine
 */
#include "leaf.h"

struct assigned_local {
	struct future future;
	struct leaf leaf;
};

ASYNC(assigned_local)
{
	intptr_t value;

	ASYNC_BEGIN;
	value = produce();
	await(call(&me->leaf, leaf));
	consume(value);
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct assigned_local *)frame, assigned_local), waker);
}
