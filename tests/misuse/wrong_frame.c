/*
 * A frame that does not begin with its future.
 *
 * gcc: error: static assertion failed
 * clang: error: .*static_assert failed|error: static assertion failed
 * lint: fine
 */
#include "leaf.h"

struct frame {
	struct leaf leaf;
	struct future future;
};

ASYNC(frame)
{
	ASYNC_BEGIN;
	await(call(&me->leaf, leaf));
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct frame *)frame, frame), waker);
}
