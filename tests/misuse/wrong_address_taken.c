/*
 * The same of a local whose address is somewhere: gcc does not know any more what is in it.
 *
 * gcc: missed
 * clang: (conditional|sometimes)-uninitialized
 * lint: fine
 */
#include "leaf.h"

struct address_taken {
	struct future future;
	struct leaf leaf;
};

ASYNC(address_taken)
{
	intptr_t value;

	ASYNC_BEGIN;
	value = produce();
	write_to(&value);
	await(call(&me->leaf, leaf));
	consume(value);
	write_to(&value);
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	return future_poll(call((struct address_taken *)frame, address_taken), waker);
}
