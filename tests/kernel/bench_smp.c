/*
 * What it costs to tell other CPUs something, and what they do in the time of one: the median of many rounds, for an
 * emulator's CPUs wait for the host's. (Not the least: now and then one is told that just has not fallen asleep.)
 */
#include "bench.h"

#include "core/cross_call.h"
#include "core/shootdown.h"
#include "everywhere.h"
#include "mm/region.h"
#include "paging.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/thread.h"

#define ROUNDS 101

static void do_nothing(void *context)
{
	(void)context;
}

/* Of each round. */
static uint64_t costs[ROUNDS];

/* They are put in order. */
static uint64_t median_cost(void)
{
	for (unsigned int i = 1; i < ROUNDS; i++) {
		uint64_t cost = costs[i];
		unsigned int at = i;

		for (; at > 0 && costs[at - 1] > cost; at--)
			costs[at] = costs[at - 1];
		costs[at] = cost;
	}
	return costs[ROUNDS / 2];
}

static uint64_t median(void (*what)(uint64_t argument), uint64_t argument)
{
	for (unsigned int round = 0; round < ROUNDS; round++)
		costs[round] = BENCH_COST(what(argument));
	return median_cost();
}

static void call_one(uint64_t cpu)
{
	cross_call_one((uint32_t)cpu, do_nothing, NULL);
}

static void call_all(uint64_t unused)
{
	(void)unused;
	cross_call_others(do_nothing, NULL);
}

static void shoot(uint64_t pages)
{
	shootdown(REGION_START, pages * PAGE_SIZE);
}

static void shoot_each(uint64_t pages)
{
	for (uint64_t page = 0; page < pages; page++)
		shoot(1);
}

/* There, the function, and back. */
BENCH_IN(smp_call_one, "ticks")
{
	return everywhere_start(info) > 1 ? median(call_one, 1) : 0;
}

BENCH_IN(smp_call_others, "ticks")
{
	return everywhere_start(info) > 1 ? median(call_all, 0) : 0;
}

BENCH_IN(smp_shootdown_of_1, "ticks")
{
	return everywhere_start(info) > 1 ? median(shoot, 1) : 0;
}

BENCH_IN(smp_shootdown_of_64, "ticks")
{
	return everywhere_start(info) > 1 ? median(shoot, 64) : 0;
}

/* What 64 pages would cost if each were told of by itself. */
BENCH_IN(smp_shootdown_of_64_one_by_one, "ticks")
{
	return everywhere_start(info) > 1 ? median(shoot_each, 64) : 0;
}

static intptr_t join(struct thread *thread)
{
	struct thread_join future;

	return block_on(thread_join(&future, thread));
}

/* ---- wake to run over there ---- */

static struct {
	uint32_t called, answered; /* rounds, from 1 */
	uint64_t woken_at;
} wakes;

static intptr_t note_wakes(void *argument)
{
	(void)argument;
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		while (__atomic_load_n(&wakes.called, __ATOMIC_ACQUIRE) != round)
			scheduler_park();
		wakes.woken_at = cpu_read_tsc();
		__atomic_store_n(&wakes.answered, round, __ATOMIC_RELEASE);
	}
	return 0;
}

static uint64_t wake_once(struct thread *thread, uint32_t round)
{
	uint64_t start;

	while (!__atomic_load_n(&scheduler_on(1)->is_idle, __ATOMIC_RELAXED))
		cpu_relax();
	start = cpu_read_tsc();
	__atomic_store_n(&wakes.called, round, __ATOMIC_RELEASE);
	wake(&thread->waker);
	while (__atomic_load_n(&wakes.answered, __ATOMIC_ACQUIRE) != round)
		cpu_relax();
	return wakes.woken_at - start;
}

/* From the call of wake() here to the thread's next instruction on another CPU, which has slept. */
BENCH_IN(smp_wake_to_run_elsewhere, "ticks")
{
	static const struct cpu_set there = {{2}};
	struct thread *thread;

	if (everywhere_start(info) == 1)
		return 0;
	wakes.called = wakes.answered = 0;
	thread = thread_create(.name = "woken", .run = note_wakes, .affinity = &there);
	for (uint32_t round = 1; round <= ROUNDS; round++)
		costs[round - 1] = wake_once(thread, round);
	join(thread);
	return median_cost();
}

/* ---- many hands ---- */

/* Some milliseconds, the least of many tries: for so long two of the host's CPUs are free now and then. */
#define STEPS 2000000u
#define TRIES 100

static uint32_t workers;

/* Nothing but the CPU's own registers. */
static intptr_t work(void *argument)
{
	uint64_t number = (uintptr_t)argument;

	for (uint32_t step = 0; step < STEPS / workers; step++) {
		number = number * 6364136223846793005ull + 1442695040888963407ull;
		__asm__ volatile("" : "+r"(number));
	}
	return (intptr_t)(number >> 1);
}

static uint64_t work_by(uint32_t count)
{
	struct thread *threads[2];
	uint64_t best = UINT64_MAX;

	workers = count;
	for (unsigned int try = 0; try < TRIES; try++) {
		uint64_t start = cpu_read_tsc();

		for (uint32_t i = 0; i < count; i++)
			threads[i] = thread_create(.name = "worker", .run = work);
		for (uint32_t i = 0; i < count; i++)
			join(threads[i]);
		if (cpu_read_tsc() - start < best)
			best = cpu_read_tsc() - start;
	}
	return best;
}

/* The same sum of work by one thread, and by two that share nothing; where they run is left to the scheduler. */
BENCH_IN(smp_work_by_one, "ticks")
{
	return everywhere_start(info) > 1 ? work_by(1) : 0;
}

BENCH_IN(smp_work_by_two, "ticks")
{
	return everywhere_start(info) > 1 ? work_by(2) : 0;
}
