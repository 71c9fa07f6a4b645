/*
 * What the programs here wait for, and somewhere to put what must not be thrown away. They are only compiled.
 */
#ifndef TESTS_MISUSE_LEAF_H
#define TESTS_MISUSE_LEAF_H

#include "task/future.h"

struct leaf {
	struct future future;
};

extern const struct future_type leaf_type;
void consume(intptr_t value);
intptr_t produce(void);
void write_to(intptr_t *value);

/* Every program has one: nothing is left out for not being used. */
enum poll poll_frame(void *frame, struct waker *waker);

#endif
