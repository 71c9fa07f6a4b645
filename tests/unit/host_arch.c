#include "host_arch.h"

#include "core/waker.h"

_Thread_local struct host_cpu host_cpu = {.flags = CPU_FLAGS_IF};

static struct host_cpu *cpus[CPUS_MAX];

void host_cpu_enter(uint32_t number)
{
	host_cpu.number = number;
	__atomic_store_n(&cpus[number], &host_cpu, __ATOMIC_RELEASE);
}

void host_cpu_leave(void)
{
	__atomic_store_n(&cpus[host_cpu.number], NULL, __ATOMIC_RELEASE);
}

bool host_cpu_is_there(uint32_t number)
{
	return __atomic_load_n(&cpus[number], __ATOMIC_ACQUIRE) != NULL;
}

/* What a thread has of its own lies in each at the same distance from the rest. */
void *host_percpu_of(void *own, uint32_t cpu)
{
	struct host_cpu *there = __atomic_load_n(&cpus[cpu], __ATOMIC_RELAXED);

	return there != NULL ? (char *)own + ((char *)there - (char *)&host_cpu) : own;
}

/* Nobody looks on when a test wakes somebody. */
bool waker_is_observed;

void waker_show(struct waker *waker)
{
	(void)waker;
}

#ifdef DEBUG
#include "core/lock_statistics.h"

/* A test's locks are not counted. */
void lock_statistics_take(const struct spinlock *lock, uint64_t waited, uintptr_t place)
{
	(void)lock;
	(void)waited;
	(void)place;
}

void lock_statistics_give(enum spin_rank rank)
{
	(void)rank;
}
#endif
