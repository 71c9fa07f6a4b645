/*
 * A lock for what is read often and changed rarely, held across an await or by a thread that sleeps: readers are inside
 * together, a writer alone. It is fair: who comes while somebody waits stands behind, so neither readers nor writers
 * can be kept out for ever. Rules:
 *  - Who reads does not ask again before unlocking: a writer in between would wait for the one and be waited for by the
 *    other.
 *  - No priority is lent: readers are many, and nobody knows which of them takes long. A mutex does.
 *  - One in memory of one's own is freed when all calls for it have returned, not when all have been inside.
 *
 * All lists of the kernel's are short, or read where nobody may sleep, so none needs this today: it is for the regions
 * of an address space and the directory cache.
 */
#ifndef TASK_RWLOCK_H
#define TASK_RWLOCK_H

#include "core/spinlock.h"
#include "task/future.h"
#include "task/wait_list.h"

struct rwlock {
	const char *name;
	struct spinlock lock;       /* guards the rest, and the waiting ones' links */
	uint32_t readers;           /* who are inside, whether they know that yet or not */
	const struct waker *writer; /* who is; NULL: nobody */
	struct wait_list waiting;
};

/* For a definition: static struct rwlock names = RWLOCK("names"); */
#define RWLOCK(its_name)                                                                                               \
	{                                                                                                              \
		.name = (its_name), .lock = SPINLOCK(RANK_TASKS, its_name)                                             \
	}

/* [irq] A new one, in a struct of one's own; the name is kept. */
void rwlock_start(struct rwlock *rwlock, const char *name);

/* [task] Waits until the caller may read, or write. One that is dropped is not inside, nor in the way of others. */
#define rwlock_read(p, its_rwlock)  call(p, rwlock_enter, .rwlock = (its_rwlock))
#define rwlock_write(p, its_rwlock) call(p, rwlock_enter, .rwlock = (its_rwlock), .waiter.is_exclusive = true)
struct rwlock_enter {
	struct future future;
	struct rwlock *rwlock;
	struct waiter waiter;
};
extern const struct future_type rwlock_enter_type;

/* [task] The caller, reader or writer, is through. A panic if nobody is inside, or another one writes. */
void rwlock_unlock(struct rwlock *rwlock);

/* [task] Whether the caller is the writer: what a function after ASYNC_FINALLY may have to know. */
bool rwlock_is_mine(const struct rwlock *rwlock);

#endif
