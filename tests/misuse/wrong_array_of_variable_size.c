/*
 * An array whose size is only known when it runs.
 *
 * gcc: error: switch jumps into scope
 * clang: error: .*(protected scope|variable length array)
 * lint: fine
 */
#include "leaf.h"

struct array_of_variable_size {
	struct future future;
	struct leaf leaf;
};

ASYNC(array_of_variable_size)
{
	ASYNC_BEGIN;
	char room[produce()];
	await(call(&me->leaf, leaf));
	consume(room[0]);
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct array_of_variable_size *)frame, array_of_variable_size), waker);
}
