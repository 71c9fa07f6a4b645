/*
 * Waiting no longer than so long.
 */
#ifndef TASK_TIMEOUT_H
#define TASK_TIMEOUT_H

#include "task/sleep.h"

/*
 * [task] The result of a future, which stands in a frame of its own; or -ETIMEDOUT, if it is not done `ns` nanoseconds
 * after this call: then it is dropped. If both are so at once, the result counts.
 */
#define timeout(p, its_future, ns)                                                                                     \
	call(p, timeout, .inner = (its_future),                                                                        \
	        .sleep = {.future.type = &sleep_type, .timer.node.deadline = sleep_deadline(ns)})
struct timeout {
	struct future future;
	struct future *inner;
	struct sleep sleep;
};
extern const struct future_type timeout_type;

#endif
