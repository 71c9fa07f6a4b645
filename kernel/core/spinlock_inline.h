/*
 * What spinlock.c makes its functions of, for who takes one lock in all he does, and knows its rank when he is
 * compiled: then half of the instructions are gone. Others call the functions.
 */
#ifndef CORE_SPINLOCK_INLINE_H
#define CORE_SPINLOCK_INLINE_H

#include "core/lock_statistics.h"
#include "core/spinlock.h"
#include "percpu.h"

/* [irq] For this file: waits until it is the ticket's turn. Returns `flags`. */
uint64_t spin_wait_for_turn(struct spinlock *lock, uint32_t ticket, uint64_t flags, uintptr_t place);

/* [irq] For this file: the lock's rank is not behind all that are held. */
__attribute__((noreturn, cold)) void spin_refuse(const struct spinlock *lock);

/* Two of one rank can never be held, so a bit for each rank is enough. */
static inline __attribute__((always_inline)) void spin_note_rank(const struct spinlock *lock, enum spin_rank rank)
{
	uint32_t bit = 1u << rank;

	if (percpu_locks() >= bit) /* then that rank is among them, or one behind it */
		spin_refuse(lock);
	percpu_add_lock(bit);
}

static inline __attribute__((always_inline)) void spin_note_owner(struct spinlock *lock)
{
	__atomic_store_n(&lock->owner, percpu_cpu(), __ATOMIC_RELAXED);
}

/* [irq] spin_take(). Returns `flags`, so that who calls it has nothing to keep meanwhile. */
static inline __attribute__((always_inline)) uint64_t spin_take_inline(
        struct spinlock *lock, enum spin_rank rank, uint64_t flags)
{
	uintptr_t place = lock_statistics_place();
	uint32_t ticket;

	spin_note_rank(lock, rank);
	ticket = __atomic_fetch_add(&lock->next_ticket, 1, __ATOMIC_RELAXED);
	if (__builtin_expect(__atomic_load_n(&lock->now_serving, __ATOMIC_ACQUIRE) != ticket, false))
		return spin_wait_for_turn(lock, ticket, flags, place);
	spin_note_owner(lock);
	lock_statistics_take(lock, 0, place);
	return flags;
}

/* [irq] spin_give(). */
static inline __attribute__((always_inline)) void spin_give_inline(struct spinlock *lock, enum spin_rank rank)
{
	/* In this order: an NMI in between must not take a lock for free that is not. */
	__atomic_store_n(&lock->now_serving, lock->now_serving + 1, __ATOMIC_RELEASE);
	percpu_remove_lock(1u << rank);
	lock_statistics_give(rank);
}

#endif
