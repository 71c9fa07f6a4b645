/*
 * A machine of several CPUs, each a thread with an executor of its own, and of threads that are none: producers and
 * attackers. The next interrupt of a CPU comes at one of its CHAOS() points, or when it sleeps. Its clock runs by
 * the CHAOS() points, and while it sleeps it jumps to its next timer. When all sleep and no timer is left, a wake was
 * lost: the machine says so and ends the process.
 */
#ifndef TESTS_STRESS_MACHINE_H
#define TESTS_STRESS_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "dice.h"
#include "task/executor.h"

/* Ends the process unless the condition holds. */
#define EXPECT(condition)                                                                                              \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			machine_fail("%s:%d: %s", __FILE__, __LINE__, #condition);                                     \
	} while (0)

enum { CPUS = 4 }; /* at most */

/* Each test is a function of this type; it says how many of what it did. */
typedef unsigned long stress_test(void);
stress_test stress_choice, stress_condition, stress_hand_over, stress_market, stress_migration, stress_mutex,
        stress_once, stress_ping_pong, stress_rwlock, stress_seqlock, stress_shootdown, stress_slots, stress_spinlock,
        stress_streams;

__attribute__((format(printf, 1, 2))) _Noreturn void machine_fail(const char *format, ...);

/* This thread's dice. */
uint64_t machine_below(uint64_t limit);

/* How often: twenty times as often in `make campaign`. */
unsigned int machine_rounds(unsigned int rounds);

/*
 * Runs `cpus` CPUs and `helpers` other threads until all their functions have returned, each called with its number.
 * A CPU's function calls block_on(). An interrupt of a CPU calls `interrupt` (may be NULL) with the CPU's number.
 */
void machine_run(unsigned int cpus, void (*cpu)(unsigned int number), unsigned int helpers,
        void (*helper)(unsigned int number), void (*interrupt)(unsigned int number));

/* For attackers: the executor of a CPU, once it is started. */
struct executor *machine_executor(unsigned int cpu);

/* Are the functions of all CPUs through? For helpers to end. */
bool machine_is_done(void);

#endif
