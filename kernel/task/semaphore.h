/*
 * Permits that are taken and given back. Who finds none waits; a permit that is given back goes to who has waited
 * longest, not to who happens to come by.
 */
#ifndef TASK_SEMAPHORE_H
#define TASK_SEMAPHORE_H

#include "core/spinlock.h"
#include "task/future.h"
#include "task/wait_list.h"

struct semaphore {
	const char *name;
	struct spinlock lock;       /* guards the rest, and the waiting ones' links */
	uint32_t permits;           /* 0 while somebody waits */
	const struct waker *holder; /* who was given a permit last; NULL: it came back */
	struct wait_list waiting;
};

/* For a definition: static struct semaphore seats = SEMAPHORE("seats", 4); */
#define SEMAPHORE(its_name, its_permits)                                                                               \
	{                                                                                                              \
		.name = (its_name), .lock = SPINLOCK(RANK_TASKS, its_name), .permits = (its_permits)                   \
	}

/* [irq] A new one, in a struct of one's own; the name is kept. */
void semaphore_start(struct semaphore *semaphore, const char *name, uint32_t permits);

/* [task] Waits for a permit. Of one that is dropped the permit goes to the next, even if it had just come. */
#define semaphore_acquire(p, its_semaphore) call(p, semaphore_acquire, .semaphore = (its_semaphore))
struct semaphore_acquire {
	struct future future;
	struct semaphore *semaphore;
	struct waiter waiter;
};
extern const struct future_type semaphore_acquire_type;

/*
 * [task] For the poll function of something that begins with taking a permit: makes and polls the acquire that stands
 * in its frame, or drops it. The outer future's line tells whether there is one.
 */
enum poll semaphore_poll_within(
        struct future *outer, struct semaphore_acquire *inner, struct semaphore *semaphore, struct waker *waker);

/* [irq] A permit if there is one now. */
bool semaphore_try_acquire(struct semaphore *semaphore);

/* [irq] Gives one back, or adds one. */
void semaphore_release(struct semaphore *semaphore);

#endif
