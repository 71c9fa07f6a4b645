/*
 * Waiting for several things at once. Each poll polls every one that is not done: for many, spawn tasks and join those.
 */
#ifndef TASK_JOIN_H
#define TASK_JOIN_H

#include "task/future.h"

#define JOIN_ARMS 4 /* more by a join as an arm */

/* [task] Waits until up to four futures are done, whose results stand in their frames (`future.ret`). Returns 0. */
#define join_of(p, ...) call(p, join, .arms = {__VA_ARGS__})
struct join {
	struct future future;
	struct future *arms[JOIN_ARMS]; /* NULL: no more */
};
extern const struct future_type join_type;

#endif
