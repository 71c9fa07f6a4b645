/*
 * Spinlocks, fair (first come, first served), held with interrupts off. Rules:
 *  - Each lock has a rank, and may be taken only while every lock that this CPU holds has a lower one: so no two CPUs
 *    can wait for each other in a circle. Breaking the order is a panic.
 *  - Between spin_lock() and spin_unlock() nothing sleeps, and nothing may fault.
 */
#ifndef CORE_SPINLOCK_H
#define CORE_SPINLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they may be taken, outermost first. */
enum spin_rank {
	RANK_INHERITANCE,
	RANK_SCHEDULER,
	RANK_TIMERS,
	RANK_IRQ,
	RANK_PCI,
	RANK_HEAP,
	RANK_REGIONS,
	RANK_PAGING,
	RANK_FRAMES,
	RANK_RANDOM,
	RANK_LOG,
	RANK_SERIAL,
	RANK_TASKS, /* of whoever waits for something: nothing is called under it */
	RANK_PIT,   /* the clock may be read under any lock */
};

struct spinlock {
	uint32_t next_ticket; /* the next who comes draws this one */
	uint32_t now_serving;
	uint32_t owner; /* who has it, or had it last */
	enum spin_rank rank;
	const char *name;
};

#define SPINLOCK(its_rank, its_name)                                                                                   \
	{                                                                                                              \
		.rank = (its_rank), .name = (its_name)                                                                 \
	}

/* [irq] Turns interrupts off and takes the lock; returns the flags from before, for spin_unlock(). */
uint64_t spin_lock(struct spinlock *lock);

/* [irq] Gives the lock to the next who waits, and interrupts back. */
void spin_unlock(struct spinlock *lock, uint64_t flags);

/* [irq] The same for who has turned interrupts off himself and leaves them so. */
void spin_take(struct spinlock *lock);
void spin_give(struct spinlock *lock);

/* [irq] The same, if nobody has the lock: true. False, at once, if somebody has. */
bool spin_try_take(struct spinlock *lock);

/* [irq] Does this CPU hold a lock of that rank? For functions that assert what they rely on. */
bool spin_holds(enum spin_rank rank);

/* [irq] The ranks of all locks that this CPU holds, as bits. */
uint32_t spin_held(void);

#endif
