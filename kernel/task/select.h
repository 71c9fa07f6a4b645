/*
 * Waiting for one of several things.
 */
#ifndef TASK_SELECT_H
#define TASK_SELECT_H

#include "task/future.h"

#define SELECT_ARMS 4 /* more by a select as an arm */

/*
 * [task] Polls up to four futures in their order until one is done: its index is the result, and the others are
 * dropped. They stand in frames of their own; the first one that is ready wins, so the one that must not be kept
 * waiting goes first.
 */
#define select_of(p, ...) call(p, select, .arms = {__VA_ARGS__})
struct select {
	struct future future;
	struct future *arms[SELECT_ARMS]; /* NULL: no more */
};
extern const struct future_type select_type;

#endif
