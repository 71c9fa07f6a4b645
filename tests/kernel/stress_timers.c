/*
 * A hundred thousand timers: each fires once, not before its time, or is cancelled, and nothing in between.
 */
#include "core/cpus.h"
#include "core/panic.h"
#include "mm/heap.h"
#include "stress.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/semaphore.h"
#include "time/clock.h"
#include "time/timer.h"

#define TIMERS      100000u
#define TIMERS_PART 5000u /* of a mixed storm */
#define BLOCK       1000u /* timers in a block of the heap */
#define SPREAD_NS   (NS_PER_SECOND / 2)
#define STEP        512

struct one {
	struct timer timer; /* first */
	uint64_t deadline;
	uint32_t ends; /* how often it fired or was cancelled */
};

static struct {
	struct one *blocks[TIMERS / BLOCK];
	uint32_t count, ends, wrong;
	uint64_t seed;
	bool has_bug;
	uint32_t next_share; /* of the starters, each on its own CPU */
} all;

static struct semaphore share_started = SEMAPHORE("a share of timers", 0), all_over = SEMAPHORE("all timers", 0);

static struct one *timer_number(uint32_t number)
{
	return &all.blocks[number / BLOCK][number % BLOCK];
}

/* From here on its memory may be gone, if it was the last. */
static void end_one(struct one *one)
{
	uint32_t ends;

	if (__atomic_add_fetch(&one->ends, 1, __ATOMIC_RELAXED) != 1)
		__atomic_fetch_add(&all.wrong, 1, __ATOMIC_RELAXED);
	ends = __atomic_add_fetch(&all.ends, 1, __ATOMIC_ACQ_REL);
	if (ends % STEP == 0)
		stress_step();
	if (ends == all.count)
		semaphore_release(&all_over);
}

static void fire(struct timer *timer)
{
	struct one *one = (struct one *)(void *)timer;

	if (clock_monotonic_ns() < one->deadline)
		__atomic_fetch_add(&all.wrong, 1, __ATOMIC_RELAXED);
	end_one(one);
}

/* Of so many starters each has every so-manieth timer. The bug: one is never started. */
static intptr_t start_share(void *argument)
{
	uint32_t first = (uint32_t)(uintptr_t)argument, starters = cpus_online();
	uint64_t dice = all.seed + first;

	for (uint32_t i = first; i < all.count; i += starters) {
		struct one *one = timer_number(i);

		one->deadline = clock_monotonic_ns() + SPREAD_NS / 4 + stress_roll(&dice, SPREAD_NS);
		if (i % STEP == 0)
			stress_step();
		if (!all.has_bug || i != all.count / 2)
			timer_start(&one->timer, one->deadline);
	}
	semaphore_release(&share_started);
	return 0;
}

/* Some are another CPU's, some fire just now, and some have. */
static void cancel_some(void)
{
	uint64_t dice = ~all.seed;

	for (uint32_t i = 0; i < all.count / 4; i++) {
		struct one *one = timer_number(stress_roll(&dice, all.count));

		if (timer_cancel(&one->timer))
			end_one(one);
	}
}

static void make(const struct storm *storm)
{
	all.count = storm->is_part ? TIMERS_PART : TIMERS;
	all.ends = all.wrong = 0;
	all.seed = storm->seed;
	all.has_bug = storm->has_bug;
	for (uint32_t i = 0; i < all.count / BLOCK; i++) {
		all.blocks[i] = kzalloc(BLOCK * sizeof(struct one));
		if (all.blocks[i] == NULL)
			panic("There is no memory for timers.");
		for (uint32_t k = 0; k < BLOCK; k++)
			all.blocks[i][k].timer.fire = fire;
	}
}

static void take(struct semaphore *semaphore)
{
	struct semaphore_acquire acquire;

	block_on(semaphore_acquire(&acquire, semaphore));
}

void storm_timers(const struct storm *storm)
{
	make(storm);
	for (uint32_t cpu = 0; cpu < cpus_online(); cpu++) {
		struct cpu_set there = stress_only(cpu);

		thread_detach(stress_thread(.name = "starter", .run = start_share, .argument = (void *)(uintptr_t)cpu,
		        .affinity = &there));
	}
	for (uint32_t cpu = 0; cpu < cpus_online(); cpu++)
		take(&share_started);
	cancel_some();
	take(&all_over);
	for (uint32_t i = 0; i < all.count; i++)
		all.wrong += timer_number(i)->ends != 1 || timer_is_pending(&timer_number(i)->timer);
	if (all.wrong != 0)
		stress_fail("%u of %u timers fired twice, or too early", all.wrong, all.count);
	for (uint32_t i = 0; i < all.count / BLOCK; i++)
		kfree(all.blocks[i]);
}
