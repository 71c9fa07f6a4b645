/*
 * A task whose frame fits into no slot.
 *
 * gcc: the frame is too big for a task
 * clang: the frame is too big for a task
 * lint: fine
 */
#include "leaf.h"
#include "task/executor.h"

struct too_big {
	struct future future;
	struct leaf leaf;
	char room[TASK_FRAME_MAX];
};

ASYNC(too_big)
{
	ASYNC_BEGIN;
	await(call(&me->leaf, leaf));
	ASYNC_FINALLY;
	ASYNC_END;
}

enum poll poll_frame(void *frame, struct waker *waker)
{
	(void)frame;
	wake(waker);
	return spawn(too_big, .room = {0}) != NULL ? READY : PENDING;
}
