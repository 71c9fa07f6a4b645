#include "task/placement.h"

#include "task/scheduler.h"

static struct cpu_set idle;  /* and not claimed */
static struct cpu_set asked; /* to look who waits elsewhere; some perhaps for nothing */

/* A locked instruction: the CPU is in the set before it looks where somebody waits. */
void placement_enter_idle(void)
{
	uint32_t cpu = percpu_cpu();

	__atomic_fetch_or(&idle.words[cpu / 64], 1ull << cpu % 64, __ATOMIC_SEQ_CST);
}

bool placement_leave_idle(void)
{
	uint32_t cpu = percpu_cpu();
	uint64_t bit = 1ull << cpu % 64;

	__atomic_fetch_and(&idle.words[cpu / 64], ~bit, __ATOMIC_SEQ_CST);
	if ((__atomic_load_n(&asked.words[cpu / 64], __ATOMIC_RELAXED) & bit) == 0)
		return false;
	__atomic_fetch_and(&asked.words[cpu / 64], ~bit, __ATOMIC_SEQ_CST);
	return true;
}

bool placement_is_possible(const struct cpu_set *allowed)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpu_set_has(allowed, cpu) && cpus_is_online(cpu))
			return true;
	}
	return false;
}

/* What it is claimed for is said first: so it is known when the CPU finds that it was claimed. */
static uint32_t claim(const struct cpu_set *allowed, struct cpu_set *purpose)
{
	for (uint32_t word = 0; word < CPUS_MAX / 64; word++) {
		uint64_t bits = __atomic_load_n(&idle.words[word], __ATOMIC_RELAXED) & allowed->words[word];

		for (; bits != 0; bits &= bits - 1) {
			uint64_t bit = bits & -bits;

			if (purpose != NULL)
				__atomic_fetch_or(&purpose->words[word], bit, __ATOMIC_SEQ_CST);
			if (__atomic_fetch_and(&idle.words[word], ~bit, __ATOMIC_SEQ_CST) & bit)
				return word * 64 + (uint32_t)__builtin_ctzll(bit);
		}
	}
	return CPUS_MAX;
}

uint32_t placement_claim(const struct cpu_set *allowed)
{
	return claim(allowed, NULL);
}

bool placement_ask(const struct cpu_set *allowed)
{
	uint32_t cpu = claim(allowed, &asked);

	if (cpu != CPUS_MAX)
		cpus_kick(cpu);
	return cpu != CPUS_MAX;
}

uint32_t placement_emptiest(const struct cpu_set *allowed)
{
	uint32_t best = CPUS_MAX, least = UINT32_MAX;

	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (!cpu_set_has(allowed, cpu) || !cpus_is_online(cpu) || scheduler_load(cpu) >= least)
			continue;
		least = scheduler_load(cpu);
		best = cpu;
	}
	return best;
}

uint32_t placement_any(const struct cpu_set *allowed)
{
	uint32_t cpu = placement_claim(allowed);

	return cpu != CPUS_MAX ? cpu : placement_emptiest(allowed);
}

uint32_t placement_next_victim(struct cpu_set *seen)
{
	uint32_t best = CPUS_MAX, most = 0;

	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpu_set_has(seen, cpu) || !cpus_is_online(cpu) || scheduler_load(cpu) <= most)
			continue;
		most = scheduler_load(cpu);
		best = cpu;
	}
	if (best != CPUS_MAX)
		cpu_set_add(seen, best);
	return best;
}
