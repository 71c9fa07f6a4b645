/*
 * What a CPU can do and how it is set up, to be compared with another: the kernel takes all its CPUs for the same.
 */
#ifndef ARCH_CPU_SETTINGS_H
#define ARCH_CPU_SETTINGS_H

#include <stdint.h>

struct cpu_settings {
	uint64_t cr0, cr4, efer, pat;
	uint32_t features; /* bits by enum cpu_feature */
};

/* [any] This CPU's. */
void cpu_settings_read(struct cpu_settings *settings);

/* [any] The first feature of a CPU that another lacks; NULL: it has all. */
const char *cpu_settings_lacks(const struct cpu_settings *of, const struct cpu_settings *other);

/* [any] The first register that differs; NULL: none does. */
const char *cpu_settings_differ(const struct cpu_settings *a, const struct cpu_settings *b);

#endif
