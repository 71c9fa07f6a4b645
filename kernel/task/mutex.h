/*
 * A lock that may be held across an await, and by a thread that sleeps: who finds it taken waits, and gets it in the
 * order of coming. It knows its owner, so tasks that wait for each other in a circle are found (task/wait_graph.h), and
 * the owner runs with the priority of the highest who waits (task/inheritance.h). Who may be cancelled while it holds
 * one unlocks it after ASYNC_FINALLY. Rules:
 *  - A thread waits for one at a time. Of two in a select it lends its priority to both holders; but what was lent to
 *    it reaches at most the holder of the one that it asked for last.
 *  - A priority is lent from holder to holder along up to 16 mutexes.
 *  - One in memory of one's own is freed when all who called mutex_unlock() have returned, not when all have had it.
 */
#ifndef TASK_MUTEX_H
#define TASK_MUTEX_H

#include "task/semaphore.h"

struct mutex {
	struct semaphore free; /* one permit; its holder is the owner, whether it knows that yet or not */
	/* task/inheritance.c's: */
	uint8_t priority;        /* of the highest who waits */
	struct thread *lent_to;  /* who has that priority for it; NULL: nobody */
	struct mutex *next_lent; /* of those lent to the same */
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
	bool has_waited;
};
extern const struct future_type mutex_lock_type;

/* [task] Gives it to who has waited longest. Only who holds it may. */
void mutex_unlock(struct mutex *mutex);

/* [task] Whether the caller holds it: what a function after ASYNC_FINALLY may have to know. */
bool mutex_is_mine(const struct mutex *mutex);

#endif
