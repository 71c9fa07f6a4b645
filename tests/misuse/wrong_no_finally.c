/*
 * No ASYNC_FINALLY: cancelled, it would have nowhere to clean up.
 *
 * gcc: error: label .async_finally. used but not defined
 * clang: error: use of undeclared label 'async_finally'
 * lint: fine
 */
#include "leaf.h"

struct no_finally {
	struct future future;
	struct leaf leaf;
};

ASYNC(no_finally)
{
	ASYNC_BEGIN;
	await(call(&me->leaf, leaf));
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct no_finally *)frame, no_finally), waker);
}
