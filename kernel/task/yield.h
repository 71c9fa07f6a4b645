/*
 * Letting others go first.
 */
#ifndef TASK_YIELD_H
#define TASK_YIELD_H

#include "task/future.h"

/* [task] Goes on when everybody who is ready now has had a turn. */
#define yield_now(p) call(p, yield, .has_yielded = false)
struct yield {
	struct future future;
	bool has_yielded;
};
extern const struct future_type yield_type;

#endif
