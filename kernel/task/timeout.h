/*
 * A limit to how long something is waited for.
 */
#ifndef TASK_TIMEOUT_H
#define TASK_TIMEOUT_H

#include "task/sleep.h"

/* [task] Waits for the future, no longer than `ns` nanoseconds: its result, or -ETIMEDOUT, and then it is dropped. */
#define timeout(p, its_future, ns)                                                                                     \
	call(p, timeout, .inner = (its_future),                                                                        \
	        .sleep = {.future = {.type = &sleep_type}, .timer.node.deadline = sleep_deadline(ns)})

struct timeout {
	struct future future;
	struct future *inner;
	struct sleep sleep;
};
extern const struct future_type timeout_type;

#endif
