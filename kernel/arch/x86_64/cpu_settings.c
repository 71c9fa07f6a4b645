#include "cpu_settings.h"

#include <stddef.h>

#include "cpu.h"
#include "cpu_identity.h"

_Static_assert(CPU_FEATURE_COUNT <= 32, "a bit for each");

void cpu_settings_read(struct cpu_settings *settings)
{
	*settings = (struct cpu_settings){
	        .cr0 = cpu_read_cr0(),
	        .cr4 = cpu_read_cr4(),
	        .efer = cpu_read_msr(CPU_MSR_EFER),
	        .pat = cpu_read_msr(CPU_MSR_PAT),
	};
	for (unsigned int i = 0; i < CPU_FEATURE_COUNT; i++)
		settings->features |= (uint32_t)cpu_has((enum cpu_feature)i) << i;
}

const char *cpu_settings_lacks(const struct cpu_settings *of, const struct cpu_settings *other)
{
	uint32_t lacking = of->features & ~other->features;

	return lacking == 0 ? NULL : cpu_feature_name((enum cpu_feature)__builtin_ctz(lacking));
}

const char *cpu_settings_differ(const struct cpu_settings *a, const struct cpu_settings *b)
{
	if (a->cr0 != b->cr0)
		return "CR0";
	if (a->cr4 != b->cr4)
		return "CR4";
	if (a->efer != b->efer)
		return "EFER";
	return a->pat != b->pat ? "PAT" : NULL;
}
