/*
 * A counter that runs by itself, and the arithmetic from its ticks to nanoseconds. Pure.
 */
#ifndef TIME_CLOCK_SOURCE_H
#define TIME_CLOCK_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_SECOND 1000000000ull

struct clock_source {
	const char *name;
	uint64_t (*read)(void); /* [irq] */
	uint64_t hz;            /* ticks per second; 0: not known yet */
	unsigned int bits;      /* how many of them it counts: 64, or it wraps */
	unsigned int rating;    /* of those that work, the highest is the clock */
	bool is_exact;          /* hz is what the chip says of itself, not a measurement */
	bool given_up;          /* it did not run as it should */
};

/* [any] Ticks from one reading to a later one, up to a whole round of the counter. */
static inline uint64_t clock_source_between(const struct clock_source *source, uint64_t from, uint64_t to)
{
	return (to - from) << (64 - source->bits) >> (64 - source->bits);
}

/* [any] The same with a sign: how far reading `a` is ahead of `b`, at most half a round. */
static inline int64_t clock_source_ahead(const struct clock_source *source, uint64_t a, uint64_t b)
{
	return (int64_t)((a - b) << (64 - source->bits)) >> (64 - source->bits);
}

/* [any] Nanoseconds per tick, times 2^32; hz is not 0. */
uint64_t clock_scale(uint64_t hz);

/* [any] Nanoseconds of so many ticks; UINT64_MAX if it is that or more (584 years). */
uint64_t clock_to_ns(uint64_t ticks, uint64_t scale);

/* [any] Ticks per nanosecond, times 2^28; hz is less than 2^36. */
static inline uint64_t clock_inverse_scale(uint64_t hz)
{
	return (hz << 28) / NS_PER_SECOND;
}

/* [any] Ticks in so many nanoseconds, rounded up, by clock_inverse_scale(); both are less than 2^64. */
static inline uint64_t clock_from_ns(uint64_t ns, uint64_t inverse_scale)
{
	return (uint64_t)((unsigned __int128)ns * inverse_scale >> 28) + 1;
}

/* [any] a * b / c, rounded down; UINT64_MAX if it is that or more. c is not 0. */
uint64_t clock_proportion(uint64_t a, uint64_t b, uint64_t c);

/* [any] How long this source may go unread, for no wrap to be missed: a quarter of a round; UINT64_MAX if for ever. */
uint64_t clock_source_patience_ns(const struct clock_source *source);

#endif
