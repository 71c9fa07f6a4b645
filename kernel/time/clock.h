/*
 * What time it is: nanoseconds since stage 2 of the loader began, from whichever counter is the clock.
 *
 * What is promised of clock_monotonic_ns(), whatever the counters do:
 *  - it never goes back, on one CPU: not when the rate is corrected, not when another counter becomes the clock, not
 *    when a counter wraps, jumps or stops;
 *  - a counter that jumps ahead is believed until clock_check() finds out, one that jumps back or stops makes time
 * stand still until then; afterwards time runs at the right rate again.
 */
#ifndef TIME_CLOCK_H
#define TIME_CLOCK_H

#include "time/clock_source.h"

/* [irq] Nanoseconds; never goes back. 0 before clock_start(). */
uint64_t clock_monotonic_ns(void);

/* [irq] Nanoseconds since 1970-01-01 00:00 UTC: what clock_set_wall() said, and what has passed since. 0: not known. */
uint64_t clock_wall(void);

/* [irq] It is `ns` now. */
void clock_set_wall(uint64_t ns);

/*
 * [init] Takes the best of `count` sources whose hz is known as the clock, and lets it begin at `ns`. The sources stay
 * the caller's, who keeps them for ever. NULL entries are left out. `reference` may be NULL; it is exact, and what the
 * others are measured against and checked with.
 */
void clock_start(
        struct clock_source *const *sources, unsigned int count, const struct clock_source *reference, uint64_t ns);

/*
 * [irq] For moments when the machine is awake anyway. Takes a pair of readings, of the clock and of the reference, and
 *  - corrects the rate of a clock that was only measured, if the pairs now lie further apart than before;
 *  - gives up a clock that has jumped or stopped since the last pair, for the next best, and says so.
 * Also to be called at least every clock_patience_ns(), if that is not UINT64_MAX: some counters wrap.
 */
void clock_check(void);

/* [irq] The source is no good, though clock_check() may not see it. If it is the clock, the next best takes over. */
void clock_distrust(const struct clock_source *source);

/* [irq] See clock_check(). */
uint64_t clock_patience_ns(void);

/* [irq] The source that is the clock now; NULL before clock_start(). */
const struct clock_source *clock_source(void);

#endif
