/*
 * Waits as one may: in branches, loops and before a switch of one's own, with what lives on in the frame.
 *
 * gcc: fine
 * clang: fine
 * lint: fine
 */
#include "leaf.h"

struct waits {
	struct future future;
	intptr_t rounds, sum;
	struct leaf leaf;
};

ASYNC(waits)
{
	ASYNC_BEGIN;
	for (me->rounds = 0; me->rounds < 3; me->rounds++) {
		intptr_t got;

		if (me->sum > 100)
			await(call(&me->leaf, leaf));
		await_into(got, call(&me->leaf, leaf));
		switch (got) {
		case 0:
			break;
		default:
			me->sum += got;
		}
	}
	while (me->sum > 0) {
		await(call(&me->leaf, leaf));
		me->sum--;
	}
	if (me->sum < 0)
		async_return(-1);
	ASYNC_FINALLY;
	consume(me->sum);
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct waits *)frame, waits, .sum = 1), waker);
}
