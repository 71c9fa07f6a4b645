/*
 * Schedules that follow a seed: for tests, on one CPU. Which of the fair threads runs, and where it is made to wait, is
 * then a matter of dice that the seed has loaded: at each place where a thread could be made to wait (preempt.h), but
 * not at the end of interrupts, which come when they like. Time counts for nothing. So the same seed gives the same
 * schedule, as long as threads wait for each other and not for devices. Other CPUs are not started then: each would
 * throw the same dice when it likes.
 */
#ifndef TASK_SCHEDULE_SEED_H
#define TASK_SCHEDULE_SEED_H

#include <stdbool.h>
#include <stdint.h>

struct schedule_seed {
	bool is_in_use;
	uint64_t state;  /* of the dice */
	uint64_t rolled; /* how often */
	uint32_t check;  /* of all that was rolled: two schedules with the same one are the same */
};

/* Read by the scheduler, with interrupts off. */
extern struct schedule_seed schedule_seed;

/* [thread] From here on schedules follow this seed. A panic if several CPUs run. */
void schedule_seed_use(uint64_t seed);

/* [thread] And from here on time again. */
void schedule_seed_end(void);

/* [irq] 0 to limit - 1. */
uint32_t schedule_seed_roll(uint32_t limit);

#endif
