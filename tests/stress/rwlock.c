/*
 * Readers and writers, tasks on two CPUs and two threads in block_on(), and many lose their patience: a writer is
 * alone, readers see no half of what it writes, and in the end nobody is inside.
 */
#include "machine.h"
#include "task/rwlock.h"
#include "task/select.h"
#include "task/sleep.h"
#include "task/yield.h"

enum { TASKS = 16, TASK_CPUS = 2, THREADS = 2, TURNS = 400, WRITERS_IN = 4 };

static struct rwlock page;
static unsigned long left, right;                /* guarded by the lock: no atomics, so that two would be seen */
static unsigned long reads, together, impatient; /* atomic */
static unsigned int inside;                      /* atomic: who reads */

struct visitor {
	struct future future;
	unsigned int turns;
	bool writes, is_patient, is_inside;
	struct rwlock_enter enter;
	struct select select;
	struct sleep patience;
	struct yield yield;
};

/* Most give up soon, the patience being looked at first, so that some were let in already; the others wait for ever, so
 * that one who is not let in is seen. */
static struct future *enter(struct visitor *me)
{
	struct future *future;

	me->writes = machine_below(WRITERS_IN) == 0;
	future = me->writes ? rwlock_write(&me->enter, &page) : rwlock_read(&me->enter, &page);
	me->is_patient = machine_below(16) == 0;
	return me->is_patient ? future : select_of(&me->select, sleep_for(&me->patience, machine_below(2000)), future);
}

static void begin(struct visitor *me)
{
	me->is_inside = true;
	if (me->writes) {
		EXPECT(rwlock_is_mine(&page) && __atomic_load_n(&inside, __ATOMIC_RELAXED) == 0);
		left++;
	} else if (__atomic_fetch_add(&inside, 1, __ATOMIC_RELAXED) > 0) {
		__atomic_fetch_add(&together, 1, __ATOMIC_RELAXED);
	}
}

static void end(struct visitor *me)
{
	if (me->writes) {
		right++;
	} else {
		EXPECT(left == right);
		__atomic_fetch_add(&reads, 1, __ATOMIC_RELAXED);
		__atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
	}
	me->is_inside = false;
	rwlock_unlock(&page);
}

ASYNC(visitor)
{
	ASYNC_BEGIN;
	for (; me->turns > 0; me->turns--) {
		intptr_t winner;

		await_into(winner, enter(me));
		if (!me->is_patient && winner == 0) {
			__atomic_fetch_add(&impatient, 1, __ATOMIC_RELAXED);
			continue;
		}
		begin(me);
		if (machine_below(2) == 0)
			await(yield_now(&me->yield));
		end(me);
	}
	ASYNC_FINALLY;
	if (me->is_inside)
		end(me);
	ASYNC_END;
}

static void run_visitors(unsigned int number)
{
	struct task *visitors[TASKS / TASK_CPUS];

	if (number >= TASK_CPUS) {
		struct visitor thread;

		block_on(call(&thread, visitor, .turns = machine_rounds(TURNS)));
		return;
	}
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++)
		visitors[i] = spawn_handle(visitor, .turns = machine_rounds(TURNS));
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, visitors[i])) == 0);
	}
}

unsigned long stress_rwlock(void)
{
	rwlock_start(&page, "page");
	left = right = 0;
	reads = together = impatient = 0;
	machine_run(TASK_CPUS + THREADS, run_visitors, 0, NULL, NULL);
	EXPECT(page.readers == 0 && page.writer == NULL && page.waiting.first == NULL && left == right);
	EXPECT(left > 0 && reads > 0 && together > 0 && impatient > 0);
	EXPECT(left + reads + impatient == (unsigned long)(TASKS + THREADS) * machine_rounds(TURNS));
	printf("# rwlock: %lu wrote, %lu read, %lu of them with others, %lu lost their patience\n", left, reads,
	        together, impatient);
	return left + reads;
}
