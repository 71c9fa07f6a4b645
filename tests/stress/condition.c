/*
 * Cooks and eaters, tasks on two CPUs and two threads in block_on(), with two plates between them and two conditions:
 * there is a meal, there is room. Some lose their patience. Each meal is eaten, nobody is left waiting, and never two
 * are at the table. Then one cook and one eater, with one plate: a signal that is lost ends their game.
 */
#include "machine.h"
#include "task/condition.h"
#include "task/select.h"
#include "task/sleep.h"

enum { TASKS = 12, TASK_CPUS = 2, THREADS = 2, PAIR = 2, TURNS = 300 };

static struct mutex table;
static struct condition meal, room;
static unsigned int at_table, plates;      /* guarded by the mutex: no atomics, so that two would be seen */
static unsigned long cooked, eaten, waits; /* the same */
static unsigned int places;                /* for plates */
static unsigned long impatient;            /* atomic */

struct person {
	struct future future;
	unsigned int turns;
	bool cooks, is_patient;
	struct mutex_lock lock;
	struct condition_wait wait;
	struct select select;
	struct sleep patience, rest;
};

/* Most wait for ever. The others look at their patience first, so that some were signalled already. */
static struct future *wait_for_turn(struct person *me)
{
	struct future *wait = condition_wait(&me->wait, me->cooks ? &room : &meal, &table);

	waits++;
	me->is_patient = places == 1 || machine_below(12) != 0;
	return me->is_patient ? wait : select_of(&me->select, sleep_for(&me->patience, machine_below(30000)), wait);
}

static void take_turn(struct person *me)
{
	EXPECT(mutex_is_mine(&table) && ++at_table == 1);
	plates += me->cooks ? 1u : -1u;
	*(me->cooks ? &cooked : &eaten) += 1;
	EXPECT(plates <= places);
	if (machine_below(8) == 0)
		condition_broadcast(me->cooks ? &meal : &room);
	else
		condition_signal(me->cooks ? &meal : &room);
	EXPECT(--at_table == 0);
}

ASYNC(person)
{
	ASYNC_BEGIN;
	for (; me->turns > 0; me->turns--) {
		await(mutex_lock(&me->lock, &table));
		while (plates == (me->cooks ? places : 0)) {
			intptr_t winner;

			await_into(winner, wait_for_turn(me));
			if (me->is_patient || winner == 1)
				continue;
			__atomic_fetch_add(&impatient, 1, __ATOMIC_RELAXED);
			await(mutex_lock(&me->lock, &table));
		}
		take_turn(me);
		mutex_unlock(&table);
		if (machine_below(8) == 0) /* else cooks and eaters come in turns for ever, and nobody has to wait */
			await(sleep_for(&me->rest, machine_below(20000)));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void run_people(unsigned int number)
{
	struct task *people[TASKS / TASK_CPUS];

	if (number >= TASK_CPUS) {
		struct person thread;

		block_on(call(&thread, person, .turns = machine_rounds(TURNS), .cooks = number % 2 == 0));
		return;
	}
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++)
		people[i] = spawn_handle(person, .turns = machine_rounds(TURNS), .cooks = i < TASKS / TASK_CPUS / 2);
	for (unsigned int i = 0; i < TASKS / TASK_CPUS; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, people[i])) == 0);
	}
}

static void run_pair(unsigned int number)
{
	struct person thread;

	block_on(call(&thread, person, .turns = machine_rounds(TURNS), .cooks = number == 0));
}

unsigned long stress_condition(void)
{
	mutex_start(&table, "table");
	condition_start(&meal, "meal");
	condition_start(&room, "room");
	at_table = plates = 0;
	cooked = eaten = waits = impatient = 0;
	places = 2;
	machine_run(TASK_CPUS + THREADS, run_people, 0, NULL, NULL);
	places = 1;
	machine_run(PAIR, run_pair, 0, NULL, NULL);
	EXPECT(cooked == eaten && plates == 0 && meal.waiting.first == NULL && room.waiting.first == NULL);
	EXPECT(table.free.permits == 1 && table.free.waiting.first == NULL && waits > 0 && impatient > 0);
	EXPECT(eaten == (unsigned long)(TASKS + THREADS + PAIR) / 2 * machine_rounds(TURNS));
	printf("# condition: %lu waits, %lu lost their patience\n", waits, impatient);
	return eaten;
}
