/*
 * A future made and forgotten.
 *
 * gcc: unused-value
 * clang: missed
 * lint: fine
 */
#include "leaf.h"

struct not_awaited {
	struct future future;
	struct leaf leaf;
};

ASYNC(not_awaited)
{
	ASYNC_BEGIN;
	call(&me->leaf, leaf);
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct not_awaited *)frame, not_awaited), waker);
}
