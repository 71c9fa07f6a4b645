/*
 * The counters of a PC that can be the clock.
 */
#ifndef TIME_CLOCK_SOURCES_H
#define TIME_CLOCK_SOURCES_H

#include "lib/acpi.h"
#include "time/clock_source.h"

/*
 * [init] Finds those that are needed and starts the clock at `ns`. `tsc_hz` is what the stamps say, 0: nothing.
 * `wanted` is the name of one to be preferred (command line: clock=tsc, hpet, pm or pit), of `length` characters, or
 * NULL.
 */
void clock_sources_start(const struct acpi_info *acpi, uint64_t tsc_hz, uint64_t ns, const char *wanted, size_t length);

/* [irq] */
const struct clock_source *clock_sources_tsc(void);

/* [irq] The n-th counter, counted from 0, in use or not; NULL behind the last. */
const struct clock_source *clock_sources_get(unsigned int n);

#endif
