/*
 * A wait in a switch of one's own: the place to go on at would be a case of that.
 *
 * gcc: overflow
 * clang: switch
 * lint: fine
 */
#include "leaf.h"

struct await_in_switch {
	struct future future;
	struct leaf leaf;
};

ASYNC(await_in_switch)
{
	ASYNC_BEGIN;
	switch ((int)produce()) {
	case 1:
		await(call(&me->leaf, leaf));
		break;
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct await_in_switch *)frame, await_in_switch), waker);
}
