/*
 * How busy a CPU is: the part of the time that it did not sleep.
 */
#ifndef SMP_LOAD_H
#define SMP_LOAD_H

#include <stdint.h>

/* When a CPU's load was asked for last, by whoever keeps this; all zero: never, so it is since the CPU came. */
struct load_mark {
	uint64_t at, idle;
};

/* [thread] [task] Per cent of the time since the mark that a CPU, which is online, did not sleep; sets the mark. */
uint64_t load_since(struct load_mark *mark, uint32_t cpu);

#endif
