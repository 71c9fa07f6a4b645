/*
 * What the CPUs of the machine are to each other: who is there, and interrupts from one to another, which are held
 * until the receiver has interrupts on, and bring no order of memory with them.
 */
#ifndef TESTS_STRESS_OTHER_CPUS_H
#define TESTS_STRESS_OTHER_CPUS_H

#include <stdbool.h>

/* This thread becomes a CPU that others can call; returns when all `count` are there. */
void other_cpus_enter(unsigned int number, unsigned int count);

/* Goes on taking interrupts until all of them have come here. */
void other_cpus_leave(void);

/* Has this CPU been kicked since it was last asked? */
bool other_cpus_take_kick(void);

/* For machine_run(): takes an interrupt that another CPU has sent. */
void other_cpus_interrupt(unsigned int number);

#endif
