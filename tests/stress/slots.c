/*
 * 20,000 lives in few slots, while two attackers wake and cancel whatever they find there, knowing only what they saw
 * a moment ago. Each life is cleaned up once; a cancellation hits the life it was meant for; no slot is lost.
 */
#include <sched.h>
#include <string.h>

#include "abi/errno.h"
#include "machine.h"
#include "task/semaphore.h"
#include "task/sleep.h"
#include "task/yield.h"

enum { SPAWNERS = 2, ATTACKERS = 2, LIVES = 10000, ALIVE = 24, NOTES = 64, CHILD_ALIVE = 0x600d };

static struct {
	unsigned int alive; /* of this CPU's children */
	unsigned int begun, cleaned, ended_well;
	struct semaphore gate;
} sides[SPAWNERS];

/*
 * Tasks and their generations, as an attacker may have noted them. Both in one word, or a reader could find the task of
 * one note with the generation of another, and cancel a life that nobody noted.
 */
#define GENERATION_BITS 22 /* a task's address is a multiple of 64, and below 2^47 */

static uint64_t notes[NOTES];

static unsigned int hits; /* cancellations that were accepted */

/* ---- a child: does something short, or waits until it is cancelled ---- */

struct child {
	struct future future;
	unsigned int side, mood, rounds;
	uint32_t is_alive;
	bool is_secret, is_well; /* secret: no attacker has ever seen it, only others that had its slot */
	union {
		struct yield yield;
		struct sleep sleep;
		struct semaphore_acquire acquire;
	};
};

ASYNC(child)
{
	ASYNC_BEGIN;
	EXPECT(me->is_alive == CHILD_ALIVE);
	for (; me->rounds > 0; me->rounds--) {
		if (me->mood == 0)
			await(yield_now(&me->yield));
		if (me->mood == 1)
			await(sleep_for(&me->sleep, machine_below(2000)));
		if (me->mood == 2)
			await(semaphore_acquire(&me->acquire, &sides[me->side].gate));
	}
	me->is_well = true;
	sides[me->side].ended_well++;
	async_return(me->side + 1);
	ASYNC_FINALLY;
	EXPECT(me->is_alive == CHILD_ALIVE);
	EXPECT(me->is_well || !me->is_secret);
	me->is_alive = 0;
	sides[me->side].cleaned++;
	sides[me->side].alive--;
	ASYNC_END;
}

/* ---- a spawner: keeps ALIVE of them going; some it joins, of some it drops the handle ---- */

struct spawner {
	struct future future;
	unsigned int side, lives;
	struct task *child;
	union {
		struct yield yield;
		struct task_join join;
	};
};

static void note(struct task *task)
{
	uint32_t generation = task_generation(task);

	EXPECT(generation >> GENERATION_BITS == 0);
	__atomic_store_n(&notes[machine_below(NOTES)], (uint64_t)(uintptr_t)task >> 6 << GENERATION_BITS | generation,
	        __ATOMIC_RELEASE);
}

static struct task *make_child(unsigned int side)
{
	unsigned int mood = (unsigned int)machine_below(3);
	bool is_secret = machine_below(3) == 0;
	struct task *task;

	sides[side].alive++;
	sides[side].begun++;
	task = spawn_handle(child, .side = side, .mood = mood, .rounds = (unsigned int)machine_below(4),
	        .is_alive = CHILD_ALIVE, .is_secret = is_secret);
	EXPECT(task != NULL);
	if (!is_secret)
		note(task);
	return task;
}

static void check_result(unsigned int side, intptr_t result)
{
	EXPECT(result == (intptr_t)side + 1 || result == -ECANCELED);
}

ASYNC(spawner)
{
	ASYNC_BEGIN;
	for (; me->lives > 0; me->lives--) {
		while (sides[me->side].alive >= ALIVE) {
			await(yield_now(&me->yield));
		}
		me->child = make_child(me->side);
		if (machine_below(8) == 0) {
			await(task_join(&me->join, me->child));
			check_result(me->side, me->join.future.ret);
		} else {
			task_drop_handle(me->child);
		}
	}
	while (sides[me->side].alive > 0) {
		await(yield_now(&me->yield));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

/* Whom no attacker gets passes the gate in the end. */
struct gatekeeper {
	struct future future;
	unsigned int side;
	struct sleep sleep;
};

ASYNC(gatekeeper)
{
	ASYNC_BEGIN;
	while (sides[me->side].cleaned < machine_rounds(LIVES)) {
		semaphore_release(&sides[me->side].gate);
		await(sleep_for(&me->sleep, machine_below(20000)));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

/* ---- the sides, and the attackers ---- */

static unsigned int count_slots(const struct executor *executor, unsigned int *all)
{
	unsigned int unused = 0;

	*all = 0;
	for (const struct task *slot = executor->slots; slot != NULL; slot = slot->next_slot)
		++*all;
	for (unsigned int class = 0; class < TASK_SLOT_CLASSES; class ++) {
		for (const struct task *slot = executor->free[class]; slot != NULL; slot = slot->next_free)
			unused++;
		for (const struct task *slot = executor->returned[class]; slot != NULL; slot = slot->next_free)
			unused++;
	}
	return unused;
}

static void run_side(unsigned int number)
{
	struct spawner spawner;
	struct task *gatekeeper = spawn_handle(gatekeeper, .side = number);
	struct task_join join;
	unsigned int all, unused;

	block_on(call(&spawner, spawner, .side = number, .lives = machine_rounds(LIVES)));
	block_on(task_join(&join, gatekeeper));
	unused = count_slots(executor_here(), &all);
	if (unused != all)
		machine_fail("%u of %u slots are lost", all - unused, all);
	EXPECT(sides[number].alive == 0 && sides[number].begun == machine_rounds(LIVES));
	EXPECT(sides[number].cleaned == sides[number].begun);
}

static void attack(unsigned int number)
{
	(void)number;
	while (!machine_is_done()) {
		uint64_t note = __atomic_load_n(&notes[machine_below(NOTES)], __ATOMIC_ACQUIRE);
		struct task *task = (struct task *)(uintptr_t)(note >> GENERATION_BITS << 6);

		if (task == NULL)
			continue;
		if (machine_below(4) != 0)
			wake(&task->waker);
		else if (task_cancel(task, (uint32_t)note & ((1u << GENERATION_BITS) - 1)))
			__atomic_fetch_add(&hits, 1, __ATOMIC_RELAXED);
		if (machine_below(16) == 0)
			sched_yield();
	}
}

unsigned long stress_slots(void)
{
	unsigned int well = 0, cancelled;

	for (unsigned int i = 0; i < SPAWNERS; i++) {
		memset(&sides[i], 0, sizeof(sides[i]));
		semaphore_start(&sides[i].gate, "gate", 0);
	}
	machine_run(SPAWNERS, run_side, ATTACKERS, attack, NULL);
	for (unsigned int i = 0; i < SPAWNERS; i++)
		well += sides[i].ended_well;
	cancelled = SPAWNERS * machine_rounds(LIVES) - well;
	/* Some ended in the very poll that a cancellation came in; some were cancelled twice. */
	EXPECT(cancelled > 0 && cancelled <= hits);
	printf("# slots: %u lives ended well, %u were cancelled\n", well, cancelled);
	return (unsigned long)SPAWNERS * machine_rounds(LIVES);
}
