/*
 * Who waits for one thing, in the order of coming: what semaphores are made of, and with them mutexes and channels,
 * conditions and read-write locks. The list is guarded by a spinlock of whoever has it.
 *
 * A waiter stands in the frame of the future that waits. It looks whether it is granted with the lock in hand; so until
 * who grants has given the lock back, neither the frame nor what it waits for is gone.
 */
#ifndef TASK_WAIT_LIST_H
#define TASK_WAIT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/waker.h"

struct waiter {
	struct waker *waker;
	struct waiter *next, *previous;
	bool is_granted;   /* has what it waited for, whether it knows that yet or not; else it stands in the list */
	bool is_exclusive; /* wants it for itself alone (task/rwlock.h) */
};

struct wait_list {
	struct waiter *first, *latest;
};

/* [task] For who is only curious. Who waits looks with the lock: then whoever granted it is through with the list. */
static inline bool waiter_is_granted(const struct waiter *one)
{
	return __atomic_load_n(&one->is_granted, __ATOMIC_RELAXED);
}

/* [irq] With the lock. */
static inline void wait_list_append(struct wait_list *list, struct waiter *one)
{
	one->previous = list->latest;
	one->next = NULL;
	*(one->previous != NULL ? &one->previous->next : &list->first) = one;
	list->latest = one;
}

/* [irq] With the lock: it gives up. */
static inline void wait_list_remove(struct wait_list *list, struct waiter *one)
{
	*(one->previous != NULL ? &one->previous->next : &list->first) = one->next;
	*(one->next != NULL ? &one->next->previous : &list->latest) = one->previous;
}

/*
 * [irq] With the lock, while somebody waits: the first has what it waited for, and is woken. After the lock would be
 * too late: a thread of high priority that interrupts there and wants the same mutex lends its priority to the new
 * holder, who sleeps, and takes it from the old one, who was to wake it.
 */
static inline void wait_list_grant(struct wait_list *list)
{
	struct waiter *one = list->first;

	wait_list_remove(list, one);
	__atomic_store_n(&one->is_granted, true, __ATOMIC_RELAXED);
	wake(one->waker);
}

#endif
