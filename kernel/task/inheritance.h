/*
 * Priority inheritance: who holds a mutex runs with the priority of the highest of those who wait for it, and so on
 * along the chain of who waits for whom. Otherwise a thread in between, which wants nothing of either, could keep both
 * from running for ever. A task that holds one lends the priority to its executor's thread.
 */
#ifndef TASK_INHERITANCE_H
#define TASK_INHERITANCE_H

#include "core/waker.h"

struct mutex;

/* [task] [thread] Somebody begins to wait for the mutex, or has it or gave up (`waits` is false). */
void inheritance_wait(struct mutex *mutex, struct waker *waker, bool waits);

/* [task] [thread] Who holds the mutex has changed. Whoever has or had it gets the priority that is right now. */
void inheritance_settle(struct mutex *mutex);

#endif
