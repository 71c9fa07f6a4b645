#include "core/spinlock.h"

#include "core/panic.h"
#include "core/spinlock_inline.h"
#include "cpu.h"
#include "interrupts_off.h"
#include "preempt.h"

#define PATIENCE (1ull << 35) /* cycles */

bool spin_holds(enum spin_rank rank)
{
	return percpu_locks() >> rank & 1;
}

uint32_t spin_held(void)
{
	return percpu_locks();
}

/*
 * Until it is the ticket's turn. If one and the same has the lock for some ten seconds, it is said who: nothing may be
 * held that long.
 */
uint64_t spin_wait_for_turn(struct spinlock *lock, uint32_t ticket, uint64_t flags, uintptr_t place)
{
	uint64_t began = cpu_read_tsc(), since = began;
	uint32_t served = ticket, now;

	while ((now = __atomic_load_n(&lock->now_serving, __ATOMIC_ACQUIRE)) != ticket) {
		if (now != served) {
			served = now;
			since = cpu_read_tsc();
		}
		if (cpu_read_tsc() - since > PATIENCE)
			panic("Lock \"%s\" is not given back: CPU %u has it, or had it last.", lock->name,
			        __atomic_load_n(&lock->owner, __ATOMIC_RELAXED));
		cpu_relax();
	}
	spin_note_owner(lock);
	lock_statistics_take(lock, cpu_read_tsc() - began, place);
	return flags;
}

/* Of those that are held the last in the order is one that is in the way. */
void spin_refuse(const struct spinlock *lock)
{
	panic("Lock \"%s\" of rank %d is taken while one of rank %d is held.", lock->name, (int)lock->rank,
	        31 - __builtin_clz(percpu_locks()));
}

void spin_take(struct spinlock *lock)
{
	spin_take_inline(lock, lock->rank, 0);
}

/* Its ticket would be the one that is served now. */
bool spin_try_take(struct spinlock *lock)
{
	uint32_t ticket = __atomic_load_n(&lock->now_serving, __ATOMIC_ACQUIRE);

	spin_note_rank(lock, lock->rank);
	if (!__atomic_compare_exchange_n(
	            &lock->next_ticket, &ticket, ticket + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		percpu_remove_lock(1u << lock->rank);
		return false;
	}
	spin_note_owner(lock);
	lock_statistics_take(lock, 0, lock_statistics_place());
	return true;
}

void spin_give(struct spinlock *lock)
{
	spin_give_inline(lock, lock->rank); /* afterwards the lock may be gone */
}

uint64_t spin_lock(struct spinlock *lock)
{
	uint64_t flags = cpu_interrupts_save();

	if (flags & CPU_FLAGS_IF) /* not here is the place that matters */
		interrupts_off_begin_at((uintptr_t)__builtin_return_address(0));
	return spin_take_inline(lock, lock->rank, flags);
}

void spin_unlock(struct spinlock *lock, uint64_t flags)
{
	spin_give_inline(lock, lock->rank); /* afterwards the lock may be gone */
	if (flags & CPU_FLAGS_IF)
		interrupts_off_end_at((uintptr_t)__builtin_return_address(0));
	cpu_interrupts_restore(flags);
	if (preempt_is_due()) /* somebody was woken meanwhile */
		preempt_make_room_if_possible();
}
