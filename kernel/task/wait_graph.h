/*
 * Who waits for what, and for whom. All of it is about tasks of this CPU, none of which runs meanwhile but the caller.
 */
#ifndef TASK_WAIT_GRAPH_H
#define TASK_WAIT_GRAPH_H

#include "task/task.h"

#define WAIT_TEXT_MAX   120
#define WAIT_CIRCLE_MAX 8 /* longer ones are not found */

/* [task] The async function that a task is in, innermost: `type` and `line` tell where it is suspended. */
const struct future *wait_graph_place(struct task *task);

/* [task] What a task waits for, in words: "stream keys or time". */
const char *wait_graph_describe(struct task *task, char text[WAIT_TEXT_MAX]);

/* [irq] Does somebody owe what a future waits for that is not polled meanwhile? Then `wait` says what: it has no child.
 */
bool wait_graph_is_owed(const struct future *future, struct wait *wait);

/*
 * [task] Finds a circle of tasks from which this one cannot come out by itself: the first is the task, each waits for
 * the next, the last for the first. Returns how many they are; 0: there is none. A wait that something else could end
 * as well, such as a timeout, is no part of any.
 */
unsigned int wait_graph_find_circle(struct task *task, struct task *circle[WAIT_CIRCLE_MAX]);

/* [task] Says so in the log if the task is in a circle. */
void wait_graph_check(struct task *task);

#endif
