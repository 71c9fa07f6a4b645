/*
 * 16 tasks on two CPUs and two threads in block_on() want one mutex, and each often loses its patience: never two
 * are inside, and in the end the mutex is free.
 */
#include "abi/errno.h"
#include "machine.h"
#include "task/mutex.h"
#include "task/timeout.h"
#include "task/yield.h"

enum { TASKS = 16, TASK_CPUS = 2, THREADS = 2, TURNS = 400 };

static struct mutex mutex;
static unsigned int inside;            /* guarded by the mutex: no atomics, so that two would be seen */
static unsigned long turns, impatient; /* the same; and atomic */

struct guest {
	struct future future;
	unsigned int turns;
	bool is_inside;
	struct mutex_lock lock;
	union {
		struct timeout timeout;
		struct yield yield;
	};
};

static void enter(struct guest *me)
{
	me->is_inside = true;
	EXPECT(++inside == 1);
	turns++;
}

static void leave(struct guest *me)
{
	EXPECT(--inside == 0);
	me->is_inside = false;
	mutex_unlock(&mutex);
}

ASYNC(guest)
{
	ASYNC_BEGIN;
	for (; me->turns > 0; me->turns--) {
		await(timeout(&me->timeout, mutex_lock(&me->lock, &mutex), machine_below(30000)));
		if (me->timeout.future.ret == -ETIMEDOUT) {
			__atomic_fetch_add(&impatient, 1, __ATOMIC_RELAXED);
			continue;
		}
		enter(me);
		if (machine_below(2) == 0)
			await(yield_now(&me->yield));
		leave(me);
	}
	ASYNC_FINALLY;
	if (me->is_inside)
		leave(me);
	ASYNC_END;
}

static void run_guests(unsigned int number)
{
	struct task *guests[TASKS / TASK_CPUS];

	if (number >= TASK_CPUS) {
		struct guest thread;

		block_on(call(&thread, guest, .turns = machine_rounds(TURNS)));
		return;
	}
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++)
		guests[i] = spawn_handle(guest, .turns = machine_rounds(TURNS));
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, guests[i])) == 0);
	}
}

unsigned long stress_mutex(void)
{
	mutex_start(&mutex, "door");
	inside = 0;
	turns = impatient = 0;
	machine_run(TASK_CPUS + THREADS, run_guests, 0, NULL, NULL);
	EXPECT(inside == 0 && mutex.free.permits == 1 && mutex.free.waiting.first == NULL);
	EXPECT(turns > 0 && impatient > 0);
	EXPECT(turns + impatient == (unsigned long)(TASKS + THREADS) * machine_rounds(TURNS));
	printf("# mutex: %lu got it, %lu lost their patience\n", turns, impatient);
	return turns;
}
