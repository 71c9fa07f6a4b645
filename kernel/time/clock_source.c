#include "time/clock_source.h"

uint64_t clock_scale(uint64_t hz)
{
	return (NS_PER_SECOND << 32) / hz;
}

uint64_t clock_to_ns(uint64_t ticks, uint64_t scale)
{
	unsigned __int128 ns = (unsigned __int128)ticks * scale >> 32;

	return ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

/*
 * Long division, a bit at a time: the compiler's own for 128 bits is a library this kernel does not have. A quotient
 * that is too large ends with all its bits set.
 */
uint64_t clock_proportion(uint64_t a, uint64_t b, uint64_t c)
{
	unsigned __int128 rest = (unsigned __int128)a * b, divisor = c;
	uint64_t quotient = 0;

	for (int bit = 63; bit >= 0; bit--) {
		quotient <<= 1;
		if (rest >= divisor << bit) {
			rest -= divisor << bit;
			quotient |= 1;
		}
	}
	return quotient;
}

uint64_t clock_source_patience_ns(const struct clock_source *source)
{
	if (source->bits == 64)
		return UINT64_MAX;
	return clock_to_ns(1ull << (source->bits - 2), clock_scale(source->hz));
}
