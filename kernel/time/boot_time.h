/*
 * How long starting took, without waiting for a clock.
 */
#ifndef TIME_BOOT_TIME_H
#define TIME_BOOT_TIME_H

#include "boot/boot_info.h"

/*
 * [any] Ticks of the time-stamp counter per second, from stamps in the order they were taken; 0 if they lie too close
 * together, or make no sense. Pure.
 */
uint64_t boot_time_tsc_hz(const struct boot_stamp *stamps, unsigned int count);

/*
 * [init] Takes the last stamp. Returns the frequency of the time-stamp counter, or 0, and how many nanoseconds have
 * passed since stage 2 began (0 if not known). The PIT is not needed any more afterwards.
 */
uint64_t boot_time_measure(const struct boot_info *info, uint64_t *ns);

/* [init] After boot_time_measure(), one line: milliseconds since stage 2 began, at each event and now. */
void boot_time_print(const struct boot_info *info);

#endif
