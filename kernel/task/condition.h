/*
 * Waiting until something that a mutex guards has changed. Who holds the mutex and does not find what it needs waits
 * here; the mutex is free meanwhile. Who changes it, with the mutex, signals, and what it signals is not lost: whoever
 * found the old state stands in the list before the mutex is free.
 *
 *	await(mutex_lock(&me->lock, &table));
 *	while (table_is_empty)
 *		await(condition_wait(&me->wait, &not_empty, &table));
 *
 * One in memory of one's own is freed when nobody waits and no condition_broadcast() is under way.
 *
 * The kernel's own parts wait for keys, items and permits, not for states, so none needs this today: it is for what
 * processes, pipes and buffers of files will wait for.
 */
#ifndef TASK_CONDITION_H
#define TASK_CONDITION_H

#include "task/mutex.h"

struct condition {
	const char *name;
	struct spinlock lock; /* guards the list */
	struct wait_list waiting;
};

/* For a definition: static struct condition not_empty = CONDITION("not empty"); */
#define CONDITION(its_name)                                                                                            \
	{                                                                                                              \
		.name = (its_name), .lock = SPINLOCK(RANK_TASKS, its_name)                                             \
	}

/* [irq] A new one, in a struct of one's own; the name is kept. */
void condition_start(struct condition *condition, const char *name);

/*
 * [task] Unlocks the mutex, which the caller holds, waits for a signal, and locks it again. The result is 0, and the
 * state is to be looked at again: somebody else may have been here first. One that is dropped, by a timeout, a kill or
 * a cancel, leaves the mutex unlocked, even before its first poll (mutex_is_mine() tells), and a signal that had come
 * for it goes to the next.
 */
#define condition_wait(p, its_condition, its_mutex)                                                                    \
	call(p, condition_wait, .condition = (its_condition), .mutex = (its_mutex))
struct condition_wait {
	struct future future;
	struct condition *condition;
	struct mutex *mutex;
	struct waiter waiter;
	struct mutex_lock lock;
};
extern const struct future_type condition_wait_type;

/* [irq] Wakes who has waited longest. False: nobody waits, and nothing is kept of it. */
bool condition_signal(struct condition *condition);

/* [irq] Wakes all who wait now. */
void condition_broadcast(struct condition *condition);

#endif
