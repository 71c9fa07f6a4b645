/*
 * What a debug build knows of its spinlocks, by their names: how often they were taken, how often somebody had to wait,
 * and where they were held longest. Each CPU counts for itself, so nothing is shared.
 */
#ifndef CORE_LOCK_STATISTICS_H
#define CORE_LOCK_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/spinlock.h"

#define LOCK_STATISTICS_MAX 64 /* names; what comes later is counted with the last */

struct lock_statistics {
	const char *name; /* NULL: none from here on */
	enum spin_rank rank;
	uint64_t taken, contended;
	uint64_t too_long;
	uint64_t longest_wait; /* ticks of the time-stamp counter */
	uint64_t longest;      /* that it was held */
	uintptr_t place;       /* who took it then */
};

#ifdef DEBUG
/* [irq] For core/spinlock.c: who called the function in which this stands. */
#define lock_statistics_place() ((uintptr_t)__builtin_return_address(0))

/* [irq] For core/spinlock.c, with interrupts off: taken at `place`, after a wait of so many ticks or none; and given
 * back. */
void lock_statistics_take(const struct spinlock *lock, uint64_t waited, uintptr_t place);
void lock_statistics_give(enum spin_rank rank);

/* [thread] [task] The number-th lock, of all CPUs together; false: there are not so many. Locks go on being taken
 * meanwhile. */
bool lock_statistics_get(uint32_t number, struct lock_statistics *statistics);
#else
#define lock_statistics_place() ((uintptr_t)0)

static inline void lock_statistics_take(const struct spinlock *lock, uint64_t waited, uintptr_t place)
{
	(void)lock;
	(void)waited;
	(void)place;
}

static inline void lock_statistics_give(enum spin_rank rank)
{
	(void)rank;
}

static inline bool lock_statistics_get(uint32_t number, struct lock_statistics *statistics)
{
	(void)number;
	(void)statistics;
	return false;
}
#endif

#endif
