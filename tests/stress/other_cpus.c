#include "other_cpus.h"

#include "core/cpus.h"
#include "local_apic.h"
#include "machine.h"
#include "trap.h"
#include "vectors.h"

enum { NUMBERS = CPUS + 1 }; /* the machine's begin with 1 */

static unsigned int present, awaited;
static bool is_sent[NUMBERS], is_kicked[NUMBERS];
static trap_handler *handle_call;

void other_cpus_enter(unsigned int number, unsigned int count)
{
	host_cpu_enter(number + 1);
	__atomic_store_n(&awaited, count, __ATOMIC_RELAXED);
	__atomic_fetch_add(&present, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&present, __ATOMIC_ACQUIRE) < count)
		CHAOS();
}

void other_cpus_leave(void)
{
	__atomic_fetch_add(&present, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&present, __ATOMIC_ACQUIRE) < 2 * awaited)
		CHAOS();
	host_cpu_leave();
	if (__atomic_add_fetch(&present, 1, __ATOMIC_ACQ_REL) == 3 * awaited)
		__atomic_store_n(&present, 0, __ATOMIC_RELEASE);
}

void other_cpus_interrupt(unsigned int number)
{
	if (__atomic_exchange_n(&is_sent[number + 1], false, __ATOMIC_RELAXED))
		handle_call(NULL);
}

bool other_cpus_take_kick(void)
{
	return __atomic_exchange_n(&is_kicked[percpu_cpu()], false, __ATOMIC_RELAXED);
}

/* ---- what cross_call.c and placement.c ask for ---- */

void cpus_kick(uint32_t cpu)
{
	__atomic_store_n(&is_kicked[cpu], true, __ATOMIC_RELAXED);
}

bool cpus_is_online(uint32_t cpu)
{
	return host_cpu_is_there(cpu);
}

void local_apic_send(uint32_t apic_id, uint32_t message)
{
	EXPECT(message == (LOCAL_APIC_INTERRUPT | VECTOR_CALL));
	__atomic_store_n(&is_sent[apic_id], true, __ATOMIC_RELAXED);
}

void local_apic_eoi(void) {}

trap_handler *trap_set_handler(unsigned int vector, trap_handler *handler)
{
	if (vector == VECTOR_CALL)
		handle_call = handler;
	return NULL;
}

uint32_t cpus_count(void)
{
	return NUMBERS;
}

enum cpu_state cpus_state(uint32_t cpu)
{
	return host_cpu_is_there(cpu) ? CPU_ONLINE : CPU_LEFT_OUT;
}

uint32_t cpus_apic_id(uint32_t cpu)
{
	return cpu;
}

uint32_t cpus_online(void)
{
	return awaited;
}

void cpus_others(struct cpu_set *others)
{
	*others = (struct cpu_set){0};
	for (uint32_t cpu = 0; cpu < NUMBERS; cpu++) {
		if (cpu != percpu_cpu() && cpus_state(cpu) == CPU_ONLINE)
			cpu_set_add(others, cpu);
	}
}
