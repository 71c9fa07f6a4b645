/*
 * A loop's variable that should live on across a wait in the loop.
 *
 * gcc: jump-misses-init
 * clang: (conditional|sometimes)-uninitialized
 * lint: fine
 */
#include "leaf.h"

struct loop_variable {
	struct future future;
	struct leaf leaf;
};

ASYNC(loop_variable)
{
	ASYNC_BEGIN;
	for (int i = 0; i < 3; i++) {
		await(call(&me->leaf, leaf));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct loop_variable *)frame, loop_variable), waker);
}
