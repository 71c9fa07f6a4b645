#include "tsc.h"

#include "cpu.h"

#define LEAF_RATIO 0x15 /* EAX, EBX: the counter runs EBX/EAX times as fast as a crystal of ECX Hz */
#define LEAF_MHZ   0x16 /* EAX: the processor's base frequency, which is the counter's, to the nearest MHz */

uint64_t tsc_read(void)
{
	return cpu_read_tsc();
}

uint64_t tsc_hz_by_cpuid(void)
{
	uint32_t highest = cpu_cpuid(0, 0).eax;
	struct cpuid r;

	if (highest < LEAF_RATIO)
		return 0;
	r = cpu_cpuid(LEAF_RATIO, 0);
	if (r.eax != 0 && r.ebx != 0 && r.ecx != 0)
		return (uint64_t)r.ecx * r.ebx / r.eax;
	if (highest < LEAF_MHZ)
		return 0;
	return cpu_cpuid(LEAF_MHZ, 0).eax % 65536 * 1000000ull;
}
