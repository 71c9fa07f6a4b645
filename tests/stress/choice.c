/*
 * Tasks on two CPUs that wait for an item of their own stream or for a permit that all want: what loses is neither
 * consumed nor kept. Each item comes once, in order, and every permit goes to somebody or is there in the end.
 */
#include <sched.h>

#include "machine.h"
#include "task/select.h"
#include "task/semaphore.h"
#include "task/stream.h"

enum { CHOOSERS = 8, CHOOSER_CPUS = 2, CAPACITY = 2, ITEMS = 1500 };

static struct stream streams[CHOOSERS];
static uint64_t items[CHOOSERS][CAPACITY];
static uint64_t sent[CHOOSERS];
static struct semaphore permits;
static unsigned long released, taken; /* taken: atomic */

struct chooser {
	struct future future;
	struct stream *stream;
	uint64_t expected, end;
	struct select select;
	struct next next;
	struct semaphore_acquire acquire;
};

/* Which of the two is asked first changes. */
static struct future *choose(struct chooser *me)
{
	struct future *item = stream_next(&me->next, me->stream);
	struct future *permit = semaphore_acquire(&me->acquire, &permits);

	return machine_below(2) == 0 ? select_of(&me->select, item, permit) : select_of(&me->select, permit, item);
}

ASYNC(chooser)
{
	ASYNC_BEGIN;
	while (me->expected < me->end) {
		await(choose(me));
		if (me->select.arms[me->select.future.ret] == &me->next.future) {
			EXPECT((uint64_t)me->next.future.ret == me->expected);
			me->expected++;
		} else {
			__atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
		}
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void run_choosers(unsigned int number)
{
	struct task *choosers[CHOOSERS];
	unsigned int count = 0;

	for (unsigned int i = number; i < CHOOSERS; i += CHOOSER_CPUS)
		choosers[count++] = spawn_handle(chooser, .stream = &streams[i], .end = machine_rounds(ITEMS));
	for (unsigned int i = 0; i < count; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, choosers[i])) == 0);
	}
}

static void feed(unsigned int number)
{
	unsigned long left = (unsigned long)CHOOSERS * machine_rounds(ITEMS);

	(void)number;
	while (left > 0) {
		unsigned int i = (unsigned int)machine_below(CHOOSERS);

		if (machine_below(2) == 0) {
			semaphore_release(&permits);
			released++;
		}
		if (sent[i] < machine_rounds(ITEMS) && stream_room(&streams[i]) > 0) {
			EXPECT(stream_push(&streams[i], sent[i]++));
			left--;
		} else {
			sched_yield();
		}
	}
}

unsigned long stress_choice(void)
{
	for (unsigned int i = 0; i < CHOOSERS; i++) {
		streams[i] = (struct stream){.name = "own", .items = items[i], .capacity = CAPACITY};
		sent[i] = 0;
	}
	semaphore_start(&permits, "permits", 0);
	released = taken = 0;
	machine_run(CHOOSER_CPUS, run_choosers, 1, feed, NULL);
	EXPECT(permits.waiting.first == NULL && taken + permits.permits == released && taken > 0);
	printf("# choice: %lu permits taken, %u left\n", taken, permits.permits);
	return (unsigned long)CHOOSERS * machine_rounds(ITEMS);
}
