/*
 * How long starting took, without waiting for a clock.
 */
#ifndef TIME_BOOT_TIME_H
#define TIME_BOOT_TIME_H

#include <stdbool.h>

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

/* [any] Microseconds from the first stamp to the one of that number; false if times are not known. */
bool boot_time_us(const struct boot_info *info, unsigned int number, uint64_t *us);

/* [any] What a stamp's event is. */
const char *boot_time_event_name(uint8_t event);

#endif
