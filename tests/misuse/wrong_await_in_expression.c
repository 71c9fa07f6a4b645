/*
 * A wait within an expression.
 *
 * gcc: error: .*statement expression
 * clang: missed
 * lint: fine
 */
#include "leaf.h"

struct await_in_expression {
	struct future future;
	struct leaf leaf;
};

ASYNC(await_in_expression)
{
	ASYNC_BEGIN;
	consume(({
		await(call(&me->leaf, leaf));
		1;
	}));
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct await_in_expression *)frame, await_in_expression), waker);
}
