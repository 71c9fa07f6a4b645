/*
 * Who the CPU says it is (CPUID, Intel SDM volume 2).
 */
#ifndef ARCH_CPU_IDENTITY_H
#define ARCH_CPU_IDENTITY_H

#include <stdbool.h>

enum cpu_feature {
	CPU_LONG_MODE,
	CPU_NX,
	CPU_GIB_PAGES,
	CPU_SYSCALL,
	CPU_APIC,
	CPU_X2APIC,
	CPU_TSC_DEADLINE,
	CPU_INVARIANT_TSC,
	CPU_SMEP,
	CPU_SMAP,
	CPU_UMIP,
	CPU_FSGSBASE,
	CPU_RDRAND,
	CPU_RDSEED,
	CPU_HYPERVISOR,
	CPU_FEATURE_COUNT,
};

struct cpu_identity {
	char brand[49]; /* as the CPU gives it, without leading blanks; the vendor where it gives none */
	unsigned int family, model, stepping;
};

/* [any] Reads brand and version. */
void cpu_identify(struct cpu_identity *identity);

/* [any] Asks CPUID each time: not for hot paths. */
bool cpu_has(enum cpu_feature feature);

/* [any] How people call a feature. */
const char *cpu_feature_name(enum cpu_feature feature);

#endif
