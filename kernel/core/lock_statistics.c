#include "core/lock_statistics.h"

#ifdef DEBUG
#include <stddef.h>

#include "core/cpus.h"
#include "core/log.h"
#include "core/symbols.h"
#include "cpu.h"

#define RANKS 32 /* a word holds one bit for each */

/*
 * A lock that is held longer is noted in the log, once for each name: some two milliseconds. It is noted, not shown: a
 * machine that is emulated may stand still at any time.
 */
#define TOO_LONG (1ull << 22)

/* One name has one number on all CPUs. */
static const char *names[LOCK_STATISTICS_MAX];
static bool told[LOCK_STATISTICS_MAX];

struct held {
	uint64_t since;
	uintptr_t place;
	uint32_t number;
};

static PERCPU(struct lock_statistics, statistics)[LOCK_STATISTICS_MAX];
static PERCPU(struct held, held)[RANKS]; /* by rank: a CPU has one lock of each at most */

static uint32_t number_of(const char *name)
{
	uint32_t number = 0;

	for (; number < LOCK_STATISTICS_MAX - 1; number++) {
		const char *nobody = NULL;

		if (__atomic_load_n(&names[number], __ATOMIC_RELAXED) == name)
			break;
		if (__atomic_compare_exchange_n(
		            &names[number], &nobody, name, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
		if (nobody == name)
			break;
	}
	return number;
}

void lock_statistics_take(const struct spinlock *lock, uint64_t waited, uintptr_t place)
{
	uint32_t number = number_of(lock->name);
	struct lock_statistics *mine = &(*percpu(statistics))[number];

	mine->rank = lock->rank;
	mine->taken++;
	mine->contended += waited != 0;
	if (waited > mine->longest_wait)
		mine->longest_wait = waited;
	(*percpu(held))[lock->rank] = (struct held){cpu_read_tsc(), place, number};
}

static void tell(const char *name, uint64_t ticks, uintptr_t place)
{
	char text[SYMBOLS_TEXT_MAX];

	log_keep(LOG_WARNING, "Lock \"%s\" was held for %lu cycles, since %s\n", name, ticks,
	        symbols_describe_caller(place, text));
}

void lock_statistics_give(enum spin_rank rank)
{
	const struct held *was = &(*percpu(held))[rank];
	struct lock_statistics *mine = &(*percpu(statistics))[was->number];
	uint64_t ticks = cpu_read_tsc() - was->since;
	uintptr_t place = was->place;

	if (ticks > mine->longest) {
		mine->longest = ticks;
		mine->place = place;
	}
	if (ticks <= TOO_LONG)
		return;
	mine->too_long++;
	if (spin_held() == 0 && !__atomic_exchange_n(&told[was->number], true, __ATOMIC_RELAXED))
		tell(names[was->number], ticks, place);
}

static void add(struct lock_statistics *all, const struct lock_statistics *its)
{
	if (its->taken == 0)
		return;
	all->rank = its->rank;
	all->taken += its->taken;
	all->contended += its->contended;
	all->too_long += its->too_long;
	if (its->longest_wait > all->longest_wait)
		all->longest_wait = its->longest_wait;
	if (its->longest >= all->longest) {
		all->longest = its->longest;
		all->place = its->place;
	}
}

bool lock_statistics_get(uint32_t number, struct lock_statistics *all)
{
	if (number >= LOCK_STATISTICS_MAX || names[number] == NULL)
		return false;
	*all = (struct lock_statistics){.name = names[number]};
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu))
			add(all, &(*percpu_of(statistics, cpu))[number]);
	}
	return true;
}
#endif
