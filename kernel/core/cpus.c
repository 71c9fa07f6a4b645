#include "core/cpus.h"

#include "local_apic.h"
#include "vectors.h"

static struct {
	struct {
		uint32_t apic_id;
		uint32_t state; /* enum cpu_state */
	} list[CPUS_MAX];
	uint32_t count, online;
} cpus = {.count = 1, .online = 1};

uint32_t cpus_count(void)
{
	return __atomic_load_n(&cpus.count, __ATOMIC_ACQUIRE);
}

uint32_t cpus_online(void)
{
	return __atomic_load_n(&cpus.online, __ATOMIC_ACQUIRE);
}

enum cpu_state cpus_state(uint32_t cpu)
{
	return (enum cpu_state)__atomic_load_n(&cpus.list[cpu].state, __ATOMIC_ACQUIRE);
}

bool cpus_is_online(uint32_t cpu)
{
	return cpu < cpus_count() && cpus_state(cpu) == CPU_ONLINE;
}

uint32_t cpus_apic_id(uint32_t cpu)
{
	return cpus.list[cpu].apic_id;
}

void cpus_others(struct cpu_set *others)
{
	*others = (struct cpu_set){0};
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpu != percpu_cpu() && cpus_state(cpu) == CPU_ONLINE)
			cpu_set_add(others, cpu);
	}
}

void cpus_kick(uint32_t cpu)
{
	local_apic_send(cpus_apic_id(cpu), LOCAL_APIC_INTERRUPT | VECTOR_KICK);
}

void cpus_set_boot_apic_id(uint32_t apic_id)
{
	cpus.list[0].apic_id = apic_id;
}

uint32_t cpus_add(uint32_t apic_id, enum cpu_state state)
{
	uint32_t cpu = cpus.count;

	if (cpu == CPUS_MAX)
		return CPUS_MAX;
	cpus.list[cpu].apic_id = apic_id;
	cpus.list[cpu].state = state;
	__atomic_store_n(&cpus.count, cpu + 1, __ATOMIC_RELEASE);
	return cpu;
}

/* The online CPU's state stands before it is counted: who sees more than one finds it. */
bool cpus_settle(uint32_t cpu, enum cpu_state state)
{
	uint32_t awaited = CPU_AWAITED;

	if (!__atomic_compare_exchange_n(
	            &cpus.list[cpu].state, &awaited, state, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return false;
	if (state == CPU_ONLINE)
		__atomic_fetch_add(&cpus.online, 1, __ATOMIC_SEQ_CST);
	return true;
}
