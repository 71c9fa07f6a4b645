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

/* [init] Takes the last stamp and prints one line: milliseconds since stage 2 began, at each event and now. */
void boot_time_print(const struct boot_info *info);

#endif
