/*
 * Tasks on two CPUs and two threads in block_on() need one thing after another, each made by whoever comes first. Some
 * fail to make it, some lose their patience: each thing is made once in the end, and who is told that it is made sees
 * what was written.
 */
#include "abi/errno.h"
#include "machine.h"
#include "task/once.h"
#include "task/sleep.h"
#include "task/timeout.h"

enum { TASKS = 8, TASK_CPUS = 2, THREADS = 2, THINGS = 20 * 400 };

static struct thing {
	struct once once;
	unsigned long value; /* guarded by it: no atomics */
	unsigned int made;   /* how often; the same */
} things[THINGS];
static unsigned long failures, impatient; /* atomic */

static unsigned int thing_count(void)
{
	return machine_rounds(THINGS / 20); /* twenty times as many in a campaign */
}

struct user {
	struct future future;
	unsigned int number;
	struct once_begin begin;
	union {
		struct timeout timeout;
		struct sleep work;
	};
};

static struct future *need(struct user *me)
{
	struct future *begin = once_begin(&me->begin, &things[me->number].once);

	return machine_below(2) == 0 ? timeout(&me->timeout, begin, machine_below(1000)) : begin;
}

static void make(struct thing *thing)
{
	bool works = machine_below(3) != 0;

	if (works) {
		thing->value = 42;
		thing->made++;
	} else {
		__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
	}
	once_end(&thing->once, works);
}

/* It is as it was told to be. */
static void look(const struct thing *thing)
{
	EXPECT(once_is_made(&thing->once) && thing->value == 42 && thing->made == 1);
}

ASYNC(user)
{
	ASYNC_BEGIN;
	while (me->number < thing_count()) {
		intptr_t result;

		await_into(result, need(me));
		if (result == -ETIMEDOUT) {
			__atomic_fetch_add(&impatient, 1, __ATOMIC_RELAXED);
		} else if (result == 1) {
			if (machine_below(2) == 0)
				await(sleep_for(&me->work, machine_below(2000)));
			make(&things[me->number]);
		} else {
			look(&things[me->number++]);
		}
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void run_users(unsigned int number)
{
	struct task *users[TASKS / TASK_CPUS];

	if (number >= TASK_CPUS) {
		struct user thread;

		block_on(call(&thread, user));
		return;
	}
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++)
		users[i] = spawn_handle(user);
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, users[i])) == 0);
	}
}

unsigned long stress_once(void)
{
	for (unsigned int i = 0; i < thing_count(); i++)
		things[i] = (struct thing){.once = ONCE("thing")};
	failures = impatient = 0;
	machine_run(TASK_CPUS + THREADS, run_users, 0, NULL, NULL);
	for (unsigned int i = 0; i < thing_count(); i++)
		EXPECT(things[i].made == 1 && things[i].once.making.free.permits == 1);
	EXPECT(failures > 0 && impatient > 0);
	printf("# once: %lu could not make it, %lu lost their patience\n", failures, impatient);
	return thing_count();
}
