#include "task/schedule_seed.h"

#include <stddef.h>

#include "core/boot_word.h"
#include "core/cpus.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/fnv.h"
#include "lib/number.h"
#include "lib/string.h"
#include "preempt.h"

#define NUMBER_MAX 24

struct schedule_seed schedule_seed;

void schedule_seed_use(uint64_t seed)
{
	if (cpus_online() > 1)
		panic("Schedules follow a seed on one CPU, and %u run.", cpus_online());
	schedule_seed = (struct schedule_seed){.is_in_use = true, .state = seed, .check = FNV_BASIS};
	preempt_request(); /* the scheduler leaves it so: from here on each place is looked at */
}

void schedule_seed_end(void)
{
	schedule_seed.is_in_use = false;
}

/* SplitMix64 (Steele, Lea and Flood, 2014): every seed is a good one. */
uint32_t schedule_seed_roll(uint32_t limit)
{
	uint64_t z = schedule_seed.state += 0x9e3779b97f4a7c15u;
	uint32_t number;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	number = (uint32_t)((z >> 32) * limit >> 32);
	schedule_seed.rolled++;
	schedule_seed.check = fnv_word(schedule_seed.check, number);
	return number;
}

/* sched=seed:N */
static void use(const struct boot_info *info, const char *value, size_t value_length)
{
	static const char prefix[] = "seed:";
	size_t length = strlen(prefix), digits = value_length - length;
	char number[NUMBER_MAX];
	uint64_t seed;

	(void)info;
	if (value_length <= length || memcmp(value, prefix, length) != 0 || digits >= sizeof(number)) {
		log_warning("sched=%.*s is not seed:NUMBER.\n", (int)value_length, value);
		return;
	}
	memcpy(number, value + length, digits);
	number[digits] = '\0';
	if (!number_parse(number, 10, &seed)) {
		log_warning("sched=%.*s: %s is no number.\n", (int)value_length, value, number);
		return;
	}
	log_info("Threads run in an order that follows seed %lu.\n", seed);
	schedule_seed_use(seed);
}

BOOT_WORD(sched, "sched=seed:N: in which order threads run follows a number, for tests", use);
