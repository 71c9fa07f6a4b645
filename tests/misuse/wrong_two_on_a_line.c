/*
 * Two waits on one line: the line says where to go on.
 *
 * gcc: error: duplicate case value
 * clang: error: duplicate case value
 * lint: fine
 */
#include "leaf.h"

struct two_on_a_line {
	struct future future;
	struct leaf leaf;
};

ASYNC(two_on_a_line)
{
	ASYNC_BEGIN;
	/* clang-format off */
	await(call(&me->leaf, leaf)); await(call(&me->leaf, leaf));
	/* clang-format on */
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct two_on_a_line *)frame, two_on_a_line), waker);
}
