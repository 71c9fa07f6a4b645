/*
 * Threads that are told where to run, by themselves and by others, whatever they are doing just then; and memory of all
 * kinds that is taken on one CPU and given back on another.
 */
#include "core/cpus.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/region.h"
#include "paging.h"
#include "stress.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"

/* ---- told by others -----------------------------------------------------------------------------------------------
 */

#define MOVED  5
#define ORDERS 40
#define LAPS   3 /* after so many it has been where it was told to go */

static struct runner {
	struct semaphore laps; /* a permit for each */
	uint32_t cpu;          /* where it was in the last of them */
	bool is_to_end;
} runners[MOVED];

static struct mutex shared;
static struct semaphore pace;

/* False: the caller was killed, and does not hold it. */
static bool lock(struct mutex *mutex)
{
	struct mutex_lock lock = {.has_waited = false};

	return block_on(mutex_lock(&lock, mutex)) == 0;
}

/* It runs, waits for its turn, or waits for a mutex, and has a priority that was lent to it now and then. */
static intptr_t run_laps(void *argument)
{
	struct runner *me = argument;

	while (!__atomic_load_n(&me->is_to_end, __ATOMIC_RELAXED)) {
		lock(&shared);
		scheduler_yield();
		mutex_unlock(&shared);
		semaphore_release(&pace);
		scheduler_yield();
		__atomic_store_n(&me->cpu, percpu_cpu(), __ATOMIC_RELAXED);
		semaphore_release(&me->laps);
	}
	return 0;
}

/* Of high priority: it runs only as often as they have a lap done. */
static intptr_t lend(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	while (block_on(semaphore_acquire(&acquire, &pace)) == 0 && lock(&shared))
		mutex_unlock(&shared);
	return 0;
}

/* The bug: it is told to run anywhere. */
static void send(struct thread *thread, struct runner *runner, uint32_t cpu, bool has_bug)
{
	struct cpu_set there = stress_only(cpu), anywhere;

	memset(&anywhere, 0xff, sizeof(anywhere));
	thread_set_affinity(thread, has_bug ? &anywhere : &there);
	while (semaphore_try_acquire(&runner->laps))
		;
	for (unsigned int i = 0; i < LAPS; i++) {
		struct semaphore_acquire acquire;

		block_on(semaphore_acquire(&acquire, &runner->laps));
	}
	if (__atomic_load_n(&runner->cpu, __ATOMIC_RELAXED) != cpu)
		stress_fail("a thread that may run on CPU %u only is on CPU %u", cpu, runner->cpu);
	stress_step();
}

void storm_affinity(const struct storm *storm)
{
	struct thread *threads[MOVED], *lender;
	uint64_t dice = storm->seed;

	mutex_start(&shared, "shared");
	semaphore_start(&pace, "pace", 0);
	for (unsigned int i = 0; i < MOVED; i++) {
		runners[i] = (struct runner){.is_to_end = false};
		semaphore_start(&runners[i].laps, "laps", 0);
		threads[i] = stress_thread(.name = "runner", .run = run_laps, .argument = &runners[i]);
	}
	lender = stress_thread(.name = "lender", .run = lend, .priority = THREAD_REAL_TIME + 3);
	for (unsigned int i = 0; i < ORDERS; i++) {
		struct cpu_set place = stress_place(&dice, 3);
		uint32_t who = stress_roll(&dice, MOVED);

		thread_set_affinity(stress_roll(&dice, 2) == 0 ? thread_current() : lender, &place);
		thread_set_affinity(threads[stress_roll(&dice, MOVED)], &place);
		send(threads[who], &runners[who], stress_roll(&dice, cpus_online()), storm->has_bug);
	}
	for (unsigned int i = 0; i < MOVED; i++) {
		__atomic_store_n(&runners[i].is_to_end, true, __ATOMIC_RELAXED);
		stress_join(threads[i]);
	}
	thread_kill(lender, thread_generation(lender));
	stress_join(lender);
}

/* ---- memory --------------------------------------------------------------------------------------------------------
 */

#define OWNERS 6
#define TAKES  150
#define HELD   6

/* Filled with what its owner knows, and must still hold that in the end. */
struct held {
	enum { NOTHING, FRAME, BLOCK, REGION } kind;
	uint64_t *words;
	size_t count;
	uint64_t mark;
};

static bool forgets;

static void take(struct held *held, uint64_t *dice)
{
	size_t size = 64 + stress_roll(dice, 3000);
	uint32_t kind = stress_roll(dice, 8);

	held->kind = kind == 0 ? REGION : kind < 4 ? FRAME : BLOCK;
	if (held->kind == REGION) {
		held->words = region_allocate(size, "a region of a test");
	} else if (held->kind == FRAME) {
		uint64_t frame = frames_allocate(0, 0);

		held->words = frame != 0 ? paging_direct(frame) : NULL;
	} else {
		held->words = kmalloc(size);
	}
	held->count = held->words != NULL ? size / 8 : 0;
	held->mark = *dice;
	for (size_t i = 0; i < held->count; i++)
		held->words[i] = held->mark;
}

static void give(struct held *held)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->words[i] != held->mark) {
			stress_fail("a block that is somebody's was written to");
			break;
		}
	}
	if (held->kind == REGION && __atomic_exchange_n(&forgets, false, __ATOMIC_RELAXED))
		;
	else if (held->count > 0 && held->kind == FRAME)
		frames_free(paging_physical(held->words));
	else if (held->count > 0 && held->kind == BLOCK)
		kfree(held->words);
	else if (held->count > 0 && held->kind == REGION)
		region_free(held->words);
	*held = (struct held){0};
}

static intptr_t own(void *argument)
{
	uint64_t dice = (uint64_t)(uintptr_t)argument;
	struct held held[HELD] = {0};

	for (unsigned int i = 0; i < TAKES; i++) {
		struct held *one = &held[stress_roll(&dice, HELD)];

		if (i % 8 == 0) {
			struct cpu_set place = stress_place(&dice, 3);

			thread_set_affinity(thread_current(), &place);
		}
		if (one->kind == NOTHING)
			take(one, &dice);
		else
			give(one);
		stress_step();
	}
	for (unsigned int i = 0; i < HELD; i++)
		give(&held[i]);
	return 0;
}

/* The bug: one region is forgotten. */
void storm_memory(const struct storm *storm)
{
	struct thread *owners[OWNERS];

	forgets = storm->has_bug;
	for (unsigned int i = 0; i < OWNERS; i++)
		owners[i] = stress_thread(.name = "owner", .run = own, .argument = (void *)(storm->seed * OWNERS + i));
	for (unsigned int i = 0; i < OWNERS; i++)
		stress_join(owners[i]);
}
