/*
 * Do the time-stamp counters of two CPUs show the same? The clock is read on every CPU and taken for one.
 */
#ifndef SMP_TSC_CHECK_H
#define SMP_TSC_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* How far another CPU's counter is ahead of this one's: not less than `least` ticks, nor more than `most`. */
struct tsc_offset {
	int64_t least, most;
};

/*
 * [thread] [task] Asks a CPU that is online: some microseconds, longer where another has to run before it can answer.
 * The caller has interrupts on; the other has them off for a hundred thousand cycles at most.
 */
struct tsc_offset tsc_check(uint32_t cpu);

/* [any] Cannot it be told from none? */
static inline bool tsc_is_in_step(const struct tsc_offset *offset)
{
	return offset->least <= 0 && offset->most >= 0;
}

#endif
