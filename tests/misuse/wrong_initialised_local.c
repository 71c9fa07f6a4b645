/*
 * A local with a value, from before a wait, read after it: it would be anything by then.
 *
 * gcc: jump-misses-init
 * clang: (conditional|sometimes)-uninitialized
 * lint: fine
 */
#include "leaf.h"

struct initialised_local {
	struct future future;
	struct leaf leaf;
};

ASYNC(initialised_local)
{
	ASYNC_BEGIN;
	intptr_t value = produce();
	await(call(&me->leaf, leaf));
	consume(value);
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct initialised_local *)frame, initialised_local), waker);
}
