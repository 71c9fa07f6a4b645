#include "task/ready.h"

/* The executor's priority counts like others: it may be lent to threads which, unlike the executor, can be stolen. */
uint32_t scheduler_load(uint32_t cpu)
{
	struct scheduler *there = scheduler_on(cpu);
	uint32_t load = __atomic_load_n(&there->fair.waiting, __ATOMIC_RELAXED);
	uint32_t ready = __atomic_load_n(&there->ready, __ATOMIC_RELAXED);

	load += __atomic_load_n(&there->coming, __ATOMIC_RELAXED);
	for (; ready != 0; ready &= ready - 1)
		load++;
	return load;
}

void ready_prepend(struct scheduler *here, struct thread *thread)
{
	struct thread_list *list = &here->lists[thread->priority];

	thread->next = list->first;
	list->first = thread;
	if (thread->next == NULL) {
		list->last = thread;
		ready_note(here, here->ready | 1u << thread->priority);
	}
}

static void remove(struct scheduler *here, struct thread *thread)
{
	struct thread_list *list = &here->lists[thread->priority];
	struct thread *before = NULL;

	for (struct thread *at = list->first; at != thread; at = at->next)
		before = at;
	*(before != NULL ? &before->next : &list->first) = thread->next;
	if (list->last == thread)
		list->last = before;
	if (list->first == NULL)
		ready_note(here, here->ready & ~(1u << thread->priority));
}

void ready_leave(struct scheduler *here, struct thread *thread)
{
	if (thread->state == THREAD_READY && thread->priority == THREAD_FAIR)
		fair_queue_remove(&here->fair, &thread->fair);
	else if (thread->state == THREAD_READY)
		remove(here, thread);
	else if (thread->state == THREAD_RUNS && thread->priority == THREAD_FAIR)
		fair_queue_leave(&here->fair);
}

struct thread *ready_next(const struct scheduler *here, const struct thread *thread)
{
	bool is_fair = thread != NULL && thread->priority == THREAD_FAIR;
	unsigned int below = thread != NULL ? thread->priority : THREAD_PRIORITIES;
	uint32_t lists = here->ready & (uint32_t)((1ull << below) - 1);
	struct fair_entity *entity;

	if (thread != NULL && !is_fair && thread->next != NULL)
		return thread->next;
	if (lists != 0)
		return here->lists[31 - (unsigned int)__builtin_clz(lists)].first;
	entity = fair_queue_next(&here->fair, is_fair ? &thread->fair : NULL);
	return entity != NULL ? ready_of_entity(entity) : NULL;
}

struct fair_entity *ready_roll(struct fair_queue *fair)
{
	uint32_t candidates = fair->waiting + (fair->runner != NULL), number;
	struct fair_entity *entity = NULL;

	if (candidates == 0)
		return NULL;
	number = schedule_seed_roll(candidates);
	if (number == fair->waiting)
		return fair->runner;
	for (uint32_t i = 0; i <= number; i++)
		entity = fair_queue_next(fair, entity);
	fair_queue_run(fair, entity);
	return entity;
}
