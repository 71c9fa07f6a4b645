#include "core/spinlock.h"

#include "core/panic.h"
#include "cpu.h"
#include "percpu.h"

/* Bit r: this CPU holds a lock of rank r. Two of one rank can never be held, so a bit is enough. */
static PERCPU(uint32_t, held);

bool spin_holds(enum spin_rank rank)
{
	return *percpu(held) >> rank & 1;
}

uint32_t spin_held(void)
{
	return *percpu(held);
}

uint64_t spin_lock(struct spinlock *lock)
{
	uint64_t flags = cpu_interrupts_save();
	uint32_t *mine = percpu(held);
	uint32_t ticket;

	if (*mine >> lock->rank != 0)
		panic("Lock \"%s\" of rank %d is taken while ranks %x are held.", lock->name, (int)lock->rank, *mine);
	*mine |= 1u << lock->rank;
	ticket = __atomic_fetch_add(&lock->next_ticket, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&lock->now_serving, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
	return flags;
}

void spin_unlock(struct spinlock *lock, uint64_t flags)
{
	/* In this order: an NMI in between must not take a lock for free that is not. */
	__atomic_store_n(&lock->now_serving, lock->now_serving + 1, __ATOMIC_RELEASE);
	*percpu(held) &= ~(1u << lock->rank);
	cpu_interrupts_restore(flags);
}
