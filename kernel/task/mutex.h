/*
 * A lock that may be held across an await: who finds it taken waits, and gets it in the order of coming. It knows its
 * owner, so tasks that wait for each other in a circle are found (task/wait_graph.h). Who may be cancelled while it
 * holds one unlocks it after ASYNC_FINALLY.
 */
#ifndef TASK_MUTEX_H
#define TASK_MUTEX_H

#include "task/semaphore.h"

struct mutex {
	struct semaphore free;     /* one permit */
	const struct waker *owner; /* of who holds it; NULL: nobody, or somebody who does not know it yet */
};

/* For a definition: static struct mutex table = MUTEX("table"); */
#define MUTEX(its_name)                                                                                                \
	{                                                                                                              \
		.free = SEMAPHORE(its_name, 1)                                                                         \
	}

/* [irq] A new one, in a struct of one's own; the name is kept. */
void mutex_start(struct mutex *mutex, const char *name);

/* [task] Waits until it is the caller's. */
#define mutex_lock(p, its_mutex) call(p, mutex_lock, .mutex = (its_mutex))
struct mutex_lock {
	struct future future;
	struct mutex *mutex;
	struct semaphore_acquire acquire;
};
extern const struct future_type mutex_lock_type;

/* [task] Gives it to who has waited longest. Only who holds it may. */
void mutex_unlock(struct mutex *mutex);

/* [task] Whether the caller holds it: what a function after ASYNC_FINALLY may have to know. */
bool mutex_is_mine(const struct mutex *mutex);

#endif
