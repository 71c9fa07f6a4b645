#include "protection.h"

#include <stddef.h>

#include "cpu.h"
#include "cpu_identity.h"

static const struct {
	enum cpu_feature feature;
	uint64_t bit; /* in CR4 */
} protections[] = {
        {CPU_SMEP, CPU_CR4_SMEP},
        {CPU_SMAP, CPU_CR4_SMAP},
        {CPU_UMIP, CPU_CR4_UMIP},
};

void protection_start(void)
{
	uint64_t cr4 = cpu_read_cr4();

	for (size_t i = 0; i < sizeof(protections) / sizeof(protections[0]); i++) {
		if (cpu_has(protections[i].feature))
			cr4 |= protections[i].bit;
	}
	cpu_write_cr4(cr4);
	cpu_write_cr0(cpu_read_cr0() | CPU_CR0_WP);
}
