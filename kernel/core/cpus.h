/*
 * The CPUs of the machine, by number: 0 is the one that booted, the others follow in the order of the firmware's table.
 * A number is a CPU's for ever, also of one that does not answer. Only those that are online run the kernel, get its
 * interrupts and remember its page tables; once online, a CPU stays so.
 */
#ifndef CORE_CPUS_H
#define CORE_CPUS_H

#include <stdbool.h>
#include <stdint.h>

#include "percpu.h"

enum cpu_state {
	CPU_ONLINE,
	CPU_AWAITED,  /* told to start */
	CPU_SILENT,   /* it never came */
	CPU_STUCK,    /* it came, but was not ready when nobody waited any more */
	CPU_REFUSED,  /* it came, but lacks something that the boot CPU has */
	CPU_LEFT_OUT, /* as the command line wants it */
	CPU_NO_MEMORY,
};

struct cpu_set {
	uint64_t words[CPUS_MAX / 64];
};

/* [irq] How many numbers are given: every CPU's is below. */
uint32_t cpus_count(void);

/* [irq] */
uint32_t cpus_online(void);
bool cpus_is_online(uint32_t cpu);
enum cpu_state cpus_state(uint32_t cpu);
uint32_t cpus_apic_id(uint32_t cpu);

/* [irq] Those that are online, but the caller's. */
void cpus_others(struct cpu_set *others);

/* [irq] Ends the sleep of a CPU that is online; twice is as good as once. It looks itself what there is to do. */
void cpus_kick(uint32_t cpu);

/* [init] The first is the boot CPU's, which must say by which number it is reached. */
void cpus_set_boot_apic_id(uint32_t apic_id);

/* [init] Gives out the next number, in that state; CPUS_MAX: there is none left. */
uint32_t cpus_add(uint32_t apic_id, enum cpu_state state);

/* [thread] What has become of a CPU that was awaited. False if that was settled before: the first to say so is right.
 */
bool cpus_settle(uint32_t cpu, enum cpu_state state);

/* [irq] Sets one number in a set, and asks for it. */
static inline void cpu_set_add(struct cpu_set *set, uint32_t cpu)
{
	set->words[cpu / 64] |= 1ull << cpu % 64;
}

static inline bool cpu_set_has(const struct cpu_set *set, uint32_t cpu)
{
	return set->words[cpu / 64] >> cpu % 64 & 1;
}

#endif
