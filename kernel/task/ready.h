/*
 * Who is ready on a CPU: a list for each real-time priority and the executor's, the fair queue for the rest. Everything
 * here is with the lock of that CPU's scheduler held.
 */
#ifndef TASK_READY_H
#define TASK_READY_H

#include "task/migration.h"
#include "task/schedule_seed.h"
#include "task/scheduler.h"

/* [irq] In front of all of its priority. Not for fair ones. */
void ready_prepend(struct scheduler *here, struct thread *thread);

/* [irq] The thread is in no queue any more, whichever it was in; of one that runs, the fair queue forgets that it does.
 */
void ready_leave(struct scheduler *here, struct thread *thread);

/* [irq] With a seed: any of those of the fair queue who wait, or who runs still. */
struct fair_entity *ready_roll(struct fair_queue *fair);

/* [irq] Of all who wait, the next after `thread`, or the first after NULL; NULL: there is no other. */
struct thread *ready_next(const struct scheduler *here, const struct thread *thread);

static inline struct thread *ready_of_entity(struct fair_entity *entity)
{
	return (struct thread *)(void *)((char *)entity - offsetof(struct thread, fair));
}

/* [irq] For this file and its .c: in which lists there is somebody. Other CPUs ask for it without the lock. */
static inline void ready_note(struct scheduler *here, uint32_t lists)
{
	__atomic_store_n(&here->ready, lists, __ATOMIC_RELAXED);
}

/* [irq] Behind all of its priority. Not for fair ones. */
static inline void ready_append(struct scheduler *here, struct thread *thread)
{
	struct thread_list *list = &here->lists[thread->priority];

	thread->next = NULL;
	if (list->first != NULL) {
		list->last->next = thread;
	} else {
		list->first = thread;
		ready_note(here, here->ready | 1u << thread->priority);
	}
	list->last = thread;
}

/* [irq] The first of that priority's list, which is not empty. */
static inline struct thread *ready_take_first(struct scheduler *here, unsigned int priority)
{
	struct thread_list *list = &here->lists[priority];
	struct thread *thread = list->first;

	list->first = thread->next;
	if (list->first == NULL)
		ready_note(here, here->ready & ~(1u << priority));
	return thread;
}

/* [irq] A thread that is in no queue waits for its turn. */
static inline void ready_make(struct scheduler *here, struct thread *thread)
{
	if (thread->has_moved)
		migration_settle_in(here, thread);
	thread->state = THREAD_READY;
	if (thread->priority == THREAD_FAIR)
		fair_queue_join(&here->fair, &thread->fair);
	else
		ready_append(here, thread);
}

/* [irq] Whose turn it is, who is in no queue then; NULL: nobody is ready. A fair thread that runs and could go on is
 * still the fair queue's runner. */
static inline __attribute__((always_inline)) struct thread *ready_take_next(struct scheduler *here)
{
	struct fair_entity *entity;

	if (here->ready != 0) {
		if (here->fair.runner != NULL)
			fair_queue_put_back(&here->fair);
		return ready_take_first(here, 31 - (unsigned int)__builtin_clz(here->ready));
	}
	entity = schedule_seed.is_in_use ? ready_roll(&here->fair) : fair_queue_turn(&here->fair);
	return entity != NULL ? ready_of_entity(entity) : NULL;
}

/* [irq] Who runs goes behind all of its class or priority; whose turn it is then. */
static inline __attribute__((always_inline)) struct thread *ready_pass(struct scheduler *here, struct thread *thread)
{
	if (__builtin_expect(thread->priority != THREAD_FAIR, false))
		ready_append(here, thread);
	else if (__builtin_expect(here->ready == 0 && !schedule_seed.is_in_use, true))
		return ready_of_entity(fair_queue_pass(&here->fair));
	else
		fair_queue_yield(&here->fair);
	return ready_take_next(here);
}

/* [irq] Is it the turn of somebody else than who runs? */
static inline bool ready_is_due(const struct scheduler *here)
{
	if ((uint64_t)here->ready >> (here->current->priority + 1) != 0)
		return true;
	return here->current->priority == THREAD_FAIR && !schedule_seed.is_in_use && fair_queue_is_due(&here->fair);
}

#endif
