/*
 * A wait in the part where all ways end: who drops it would have to wait.
 *
 * gcc: error: static assertion failed
 * clang: error: .*static_assert failed|error: static assertion failed
 * lint: fine
 */
#include "leaf.h"

struct await_in_cleanup {
	struct future future;
	struct leaf leaf;
};

ASYNC(await_in_cleanup)
{
	ASYNC_BEGIN;
	await(call(&me->leaf, leaf));
	ASYNC_FINALLY;
	await(call(&me->leaf, leaf));
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct await_in_cleanup *)frame, await_in_cleanup), waker);
}
