/*
 * Threads that begin and end, in every way there is: some end at once, some wait first, some are killed, some have a
 * thread themselves, and some nobody joins.
 */
#include "abi/errno.h"
#include "stress.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/semaphore.h"

#define PARENTS  6
#define CHILDREN 20 /* of each */
#define AT_ONCE  5

enum fate { ENDS, WAITS, IS_KILLED, BREEDS, IS_LEFT, FATES };

static struct semaphore never = SEMAPHORE("never", 0);
static uint32_t lives; /* of those whom nobody joins */

struct child {
	struct thread *thread;
	enum fate fate;
	intptr_t number;
};

static intptr_t end(void *argument)
{
	return (intptr_t)argument;
}

static intptr_t wait(void *argument)
{
	for (unsigned int i = 0; i < 3; i++)
		scheduler_yield();
	return (intptr_t)argument;
}

static intptr_t wait_for_death(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	return block_on(semaphore_acquire(&acquire, &never));
}

static intptr_t breed(void *argument)
{
	return stress_join(stress_thread(.name = "grandchild", .run = wait, .argument = argument));
}

static intptr_t live_alone(void *argument)
{
	(void)argument;
	scheduler_yield();
	__atomic_fetch_sub(&lives, 1, __ATOMIC_RELAXED);
	return 0;
}

static void bear(struct child *child, uint64_t *dice, intptr_t number)
{
	static intptr_t (*const lives_of[FATES])(void *argument) = {end, wait, wait_for_death, breed, live_alone};
	struct cpu_set place = stress_place(dice, 2);

	child->fate = stress_roll(dice, FATES);
	child->number = number;
	if (child->fate == IS_LEFT)
		__atomic_fetch_add(&lives, 1, __ATOMIC_RELAXED);
	child->thread = stress_thread(.name = "child", .run = lives_of[child->fate], .argument = (void *)number,
	        .affinity = &place, .weight = FAIR_WEIGHT_MIN << stress_roll(dice, 8),
	        .priority =
	                stress_roll(dice, 4) == 0 ? (uint8_t)(THREAD_REAL_TIME + stress_roll(dice, 8)) : THREAD_FAIR);
	if (child->fate == IS_LEFT)
		thread_detach(child->thread);
}

static void bury(struct child *child)
{
	intptr_t result;

	if (child->fate == IS_LEFT)
		return;
	if (child->fate == IS_KILLED)
		thread_kill(child->thread, thread_generation(child->thread));
	result = stress_join(child->thread);
	if (result != (child->fate == IS_KILLED ? -EINTR : child->number))
		stress_fail("child %ld, of fate %u, returned %ld", child->number, child->fate, result);
}

static intptr_t be_parent(void *argument)
{
	struct child children[AT_ONCE];
	uint64_t dice = (uint64_t)(uintptr_t)argument;

	for (unsigned int born = 0; born < CHILDREN; born += AT_ONCE) {
		for (unsigned int i = 0; i < AT_ONCE; i++)
			bear(&children[i], &dice, (intptr_t)(born + i));
		for (unsigned int i = 0; i < AT_ONCE; i++)
			bury(&children[i]);
		stress_step();
	}
	return 0;
}

/* The bug: nobody joins or detaches one. */
void storm_create(const struct storm *storm)
{
	struct thread *parents[PARENTS];

	for (unsigned int i = 0; i < PARENTS; i++)
		parents[i] = stress_thread(.name = "parent", .run = be_parent,
		        .argument = (void *)(storm->seed * PARENTS + i));
	for (unsigned int i = storm->has_bug; i < PARENTS; i++)
		stress_join(parents[i]);
	while (__atomic_load_n(&lives, __ATOMIC_RELAXED) != 0)
		scheduler_yield();
}
