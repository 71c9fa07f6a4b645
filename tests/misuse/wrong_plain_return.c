/*
 * A plain return, past the part where all ways end.
 *
 * gcc: error: incompatible types when returning
 * clang: error: returning .* from a function with incompatible result type
 * lint: fine
 */
#include "leaf.h"

struct plain_return {
	struct future future;
	struct leaf leaf;
};

ASYNC(plain_return)
{
	ASYNC_BEGIN;
	await(call(&me->leaf, leaf));
	if (produce() > 0)
		return READY;
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct plain_return *)frame, plain_return), waker);
}
