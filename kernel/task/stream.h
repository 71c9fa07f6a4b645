/*
 * A stream of items from one producer, which may be an interrupt handler, to one consumer: a ring, and the place of the
 * one who waits. When the ring is full, what comes is dropped, and counted.
 */
#ifndef TASK_STREAM_H
#define TASK_STREAM_H

#include "task/future.h"

struct stream {
	const char *name;
	uint64_t *items;
	uint32_t capacity; /* a power of two */
	uint32_t pushed;   /* the producer's: how many so far, modulo 2^32 */
	uint32_t taken;    /* the consumer's: the same */
	uint64_t dropped;  /* because the ring was full */
	struct atomic_waker reader;
};

/* Defines one: STREAM(scancodes, 128); `static` may stand before it. */
#define STREAM(its_name, its_capacity)                                                                                 \
	struct stream its_name = {                                                                                     \
	        .name = #its_name, .items = (uint64_t[STREAM_CAPACITY(its_capacity)]){0}, .capacity = (its_capacity)}

/* Or an array of -1 elements. */
#define STREAM_CAPACITY(n) ((n) > 0 && ((n) & ((n)-1)) == 0 && (n) <= 1u << 31 ? (n) : -1)

/* [irq] The producer, one at a time: false if there was no room, which `dropped` counts. */
bool stream_push(struct stream *stream, uint64_t item);

/* [irq] How many more fit in; the producer can rely on it. */
uint32_t stream_room(const struct stream *stream);

/* [task] The consumer, one at a time: waits for the next item, which is the result. */
#define stream_next(p, its_stream) call(p, next, .stream = (its_stream))
struct next {
	struct future future;
	struct stream *stream;
	struct waker *waker;
};
extern const struct future_type next_type;

#endif
