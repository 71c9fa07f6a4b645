#include "task/stream.h"

#include "task/task.h"

uint32_t stream_room(const struct stream *stream)
{
	return stream->capacity -
	       (__atomic_load_n(&stream->pushed, __ATOMIC_RELAXED) - __atomic_load_n(&stream->taken, __ATOMIC_ACQUIRE));
}

bool stream_push(struct stream *stream, uint64_t item)
{
	uint32_t pushed = __atomic_load_n(&stream->pushed, __ATOMIC_RELAXED);

	if (stream_room(stream) == 0) {
		__atomic_store_n(&stream->dropped, stream->dropped + 1, __ATOMIC_RELAXED);
		return false;
	}
	stream->items[pushed & (stream->capacity - 1)] = item;
	__atomic_store_n(&stream->pushed, pushed + 1, __ATOMIC_RELEASE);
	CHAOS();
	atomic_waker_wake(&stream->reader);
	return true;
}

/* The next item is the result, if there is one. */
static inline bool take(struct next *next)
{
	struct stream *stream = next->stream;
	uint32_t taken = __atomic_load_n(&stream->taken, __ATOMIC_RELAXED);

	if (__atomic_load_n(&stream->pushed, __ATOMIC_ACQUIRE) == taken)
		return false;
	future_ready(&next->future, (intptr_t)stream->items[taken & (stream->capacity - 1)]);
	__atomic_store_n(&stream->taken, taken + 1, __ATOMIC_RELEASE);
	return true;
}

/* Looks, leaves the waker, looks again: an item that came in between has woken nobody. */
static enum poll next_poll(struct future *future, struct waker *waker)
{
	struct next *next = (struct next *)future;

	if (waker == NULL) {
		if (future->line != 0)
			atomic_waker_cancel(&next->stream->reader, next->waker);
		return READY;
	}
	if (!task_charge(waker))
		return PENDING;
	if (take(next))
		return READY;
	future->line = 1;
	next->waker = waker;
	CHAOS();
	atomic_waker_register(&next->stream->reader, waker);
	CHAOS();
	return take(next) ? READY : PENDING;
}

static bool next_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	*wait = (struct wait){.what = "stream", .name = ((const struct next *)future)->stream->name};
	return index == 0;
}

const struct future_type next_type = {next_poll, "stream_next", __FILE__, next_waits};
