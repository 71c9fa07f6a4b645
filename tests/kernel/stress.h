/*
 * Storms: work for threads in an order that nobody foresees, of which it is known what has to come of it. The word
 * `stress` on the command line lets them loose (stress.c says how). A storm follows a seed as far as the machine does;
 * on one CPU even the schedule does (task/schedule_seed.h).
 */
#ifndef TESTS_STRESS_H
#define TESTS_STRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "task/thread.h"

struct storm {
	const char *name;
	void (*run)(const struct storm *storm); /* in a thread of its own, until all that it started is over */
	bool has_time;                          /* it waits for a time: the schedule cannot follow a seed */
	bool is_alone;                          /* no part of a mixed one */
	/* Filled in before each round: */
	uint64_t seed;
	bool has_bug; /* a mistake is made, which has to be found */
	bool is_part; /* of a mixed storm: others are loose at the same time */
};

/* Ended by one without a name. */
extern struct storm stress_storms[];

void storm_create(const struct storm *storm);
void storm_ping_pong(const struct storm *storm);
void storm_semaphores(const struct storm *storm);
void storm_mutexes(const struct storm *storm);
void storm_inversion(const struct storm *storm);
void storm_affinity(const struct storm *storm);
void storm_timers(const struct storm *storm);
void storm_memory(const struct storm *storm);
void storm_hunger(const struct storm *storm);
void storm_panic(const struct storm *storm);

/* Something went on. Who lets none of these be heard for long is taken for hanging. */
void stress_step(void);

/* This round is wrong, and why. */
void stress_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* 0 to limit - 1; the dice are anybody's number, and another one each time. */
uint32_t stress_roll(uint64_t *dice, uint32_t limit);

/* thread_create() that finds memory. */
#define stress_thread(...) stress_started(thread_create(__VA_ARGS__))
struct thread *stress_started(struct thread *thread);

intptr_t stress_join(struct thread *thread);

/* One of the CPUs that are online, all alone in a set; one time in `odds` all CPUs. */
struct cpu_set stress_place(uint64_t *dice, uint32_t odds);
struct cpu_set stress_only(uint32_t cpu);

#endif
