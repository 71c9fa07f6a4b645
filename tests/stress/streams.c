/*
 * Two producers and the interrupts of two CPUs fill 32 streams, whose readers are tasks on both CPUs: every item comes,
 * once, in order.
 */
#include <sched.h>

#include "machine.h"
#include "task/stream.h"

enum { STREAMS = 32, READERS = 2, PRODUCERS = 2, FROM_INTERRUPTS = 4, CAPACITY = 4, ITEMS = 400 };

static struct stream streams[STREAMS];
static uint64_t items[STREAMS][CAPACITY];
static uint64_t sent[STREAMS]; /* the producer's */

struct reader {
	struct future future;
	struct stream *stream;
	uint64_t expected, end;
	struct next next;
};

ASYNC(reader)
{
	ASYNC_BEGIN;
	for (me->expected = 0; me->expected < me->end; me->expected++) {
		uint64_t item;

		await_into(item, stream_next(&me->next, me->stream));
		EXPECT(item == me->expected);
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static bool feed(unsigned int stream)
{
	if (sent[stream] == machine_rounds(ITEMS) || stream_room(&streams[stream]) == 0)
		return false;
	EXPECT(stream_push(&streams[stream], sent[stream]++));
	return true;
}

/* The first streams come from the interrupts of the CPU where they are read, the rest from the other threads. */
static void interrupt(unsigned int cpu)
{
	feed(2 * (unsigned int)machine_below(FROM_INTERRUPTS / 2) + cpu);
}

static void produce(unsigned int number)
{
	bool any;

	do {
		any = false;
		for (unsigned int i = FROM_INTERRUPTS + number; i < STREAMS; i += PRODUCERS) {
			while (feed(i) && machine_below(4) != 0)
				;
			any = any || sent[i] < machine_rounds(ITEMS);
		}
		sched_yield();
	} while (any);
}

/* Stream i is read by CPU i / 2 % 2 or, of those from interrupts, i % 2: so each producer feeds both CPUs. */
static unsigned int home(unsigned int stream)
{
	return stream < FROM_INTERRUPTS ? stream % READERS : stream / PRODUCERS % READERS;
}

static void read_all(unsigned int number)
{
	struct task *readers[STREAMS];
	unsigned int count = 0;

	for (unsigned int i = 0; i < STREAMS; i++) {
		if (home(i) == number)
			readers[count++] = spawn_handle(reader, .stream = &streams[i], .end = machine_rounds(ITEMS));
	}
	for (unsigned int i = 0; i < count; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, readers[i])) == 0);
	}
}

unsigned long stress_streams(void)
{
	for (unsigned int i = 0; i < STREAMS; i++) {
		streams[i] = (struct stream){.name = "feed", .items = items[i], .capacity = CAPACITY};
		sent[i] = 0;
	}
	machine_run(READERS, read_all, PRODUCERS, produce, interrupt);
	for (unsigned int i = 0; i < STREAMS; i++)
		EXPECT(streams[i].dropped == 0 && streams[i].taken == machine_rounds(ITEMS));
	return (unsigned long)STREAMS * machine_rounds(ITEMS);
}
