/*
 * Random numbers for tests. A run prints its seed; TEST_SEED=N in the environment repeats it.
 */
#ifndef UNIT_DICE_H
#define UNIT_DICE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct dice {
	uint64_t state;
};

static inline struct dice dice_take(const char *who)
{
	const char *wanted = getenv("TEST_SEED");
	uint64_t seed = wanted ? strtoull(wanted, NULL, 0) : (uint64_t)time(NULL);

	fprintf(stderr, "# %s: TEST_SEED=%llu\n", who, (unsigned long long)seed);
	return (struct dice){seed};
}

/* SplitMix64: every seed is a good one, 0 too. */
static inline uint64_t dice_roll(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* How often to do something: `rounds` as a rule, a hundred times as often in `make campaign`. */
static inline uint64_t dice_rounds(uint64_t rounds)
{
	return getenv("CAIRN_CAMPAIGN") ? 100 * rounds : rounds;
}

/* 0 .. limit - 1; limit is not 0. */
static inline uint64_t dice_below(struct dice *dice, uint64_t limit)
{
	return dice_roll(dice) % limit;
}

#endif
