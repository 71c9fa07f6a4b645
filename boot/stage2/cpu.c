/* Intel SDM volume 2, CPUID; volume 3, 2.2.1 (EFER), 2.5 (CR4), 12.12 (PAT) and table 2-2 (IA32_MISC_ENABLE). */
#include "cpu.h"

#include "panic.h"
#include "stamp.h"

#define CPUID_EXTENDED      0x80000000u
#define CPUID_EXTENDED_INFO 0x80000001u
#define CPUID_FEATURES      7u

#define CR4_MCE  (1u << 6)
#define CR4_UMIP (1u << 11)
#define CR4_SMEP (1u << 20)
#define CR4_SMAP (1u << 21)

#define MSR_MISC_ENABLE        0x1a0u
#define MISC_ENABLE_XD_DISABLE (1u << 2) /* bit 34, so bit 2 of the high half */

#define MSR_PAT  0x277u
#define PAT_LOW  0x00070106u /* as after a reset, but for number 1: write-combining */
#define PAT_HIGH 0x00070406u

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r = {.eax = leaf};
	__asm__ volatile("cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	return r;
}

static bool bit(uint32_t value, unsigned number)
{
	return value >> number & 1;
}

/* Every 64-bit CPU has these, and 64-bit code relies on them; virtual machines can leave them out. */
static void check_baseline(uint32_t edx)
{
	static const struct {
		uint8_t bit;
		char name[5];
	} needed[] = {{0, "FPU"}, {4, "TSC"}, {5, "MSR"}, {6, "PAE"}, {13, "PGE"}, {15, "CMOV"}, {24, "FXSR"},
	        {25, "SSE"}, {26, "SSE2"}};
	for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!bit(edx, needed[i].bit))
			boot_fail(BOOT_ERROR_CPU, "this CPU has no %.4s, which every 64-bit CPU has", needed[i].name);
}

/* Firmware may hide NX on Intel CPUs (family 6 from model 0Dh on, and later families); undo that. */
static void unhide_no_execute(const struct cpuid *id)
{
	struct cpuid vendor = cpuid(0);
	unsigned family = id->eax >> 8 & 15, model = (id->eax >> 4 & 15) | (id->eax >> 12 & 0xf0);
	if (vendor.ebx != 0x756e6547 /* "Genu" of GenuineIntel */ || family < 6 || (family == 6 && model < 0x0d))
		return;
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_MISC_ENABLE));
	if (high & MISC_ENABLE_XD_DISABLE)
		__asm__ volatile("wrmsr" : : "a"(low), "d"(high & ~MISC_ENABLE_XD_DISABLE), "c"(MSR_MISC_ENABLE));
}

const struct cpu_features *cpu_check(void)
{
	static struct cpu_features features;
	if (!cpu_has_cpuid())
		boot_fail(BOOT_ERROR_CPU, "this CPU has no 64-bit mode (it does not even have CPUID)");
	struct cpuid extended = cpuid(CPUID_EXTENDED);
	if (extended.eax < CPUID_EXTENDED_INFO || !bit(cpuid(CPUID_EXTENDED_INFO).edx, 29))
		boot_fail(BOOT_ERROR_CPU, "this CPU has no 64-bit mode");
	struct cpuid id = cpuid(1);
	check_baseline(id.edx);
	unhide_no_execute(&id);
	struct cpuid info = cpuid(CPUID_EXTENDED_INFO);
	features.no_execute = bit(info.edx, 20);
	features.giant_pages = bit(info.edx, 26);
	features.cr4 = bit(id.edx, 7) ? CR4_MCE : 0;
	features.rdrand = bit(id.ecx, 30);
	if (cpuid(0).eax >= CPUID_FEATURES) {
		struct cpuid more = cpuid(CPUID_FEATURES);
		features.rdseed = bit(more.ebx, 18);
		features.cr4 |= (bit(more.ebx, 7) ? CR4_SMEP : 0) | (bit(more.ebx, 20) ? CR4_SMAP : 0) |
		                (bit(more.ecx, 2) ? CR4_UMIP : 0);
	}
	return &features;
}

void cpu_combine_writes(void)
{
	__asm__ volatile("wrmsr" : : "a"(PAT_LOW), "d"(PAT_HIGH), "c"(MSR_PAT));
}
