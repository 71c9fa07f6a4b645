#include "cpu_identity.h"

#include <stddef.h>

#include "cpu.h"
#include "lib/string.h"

#define LEAF_VERSION       1u
#define LEAF_FEATURES      7u
#define LEAF_EXTENDED      0x80000000u
#define LEAF_EXTENDED_BITS 0x80000001u
#define LEAF_BRAND         0x80000002u /* and the two after */
#define LEAF_POWER         0x80000007u
#define LEAF_GROUP(leaf)   ((leaf)&0xffff0000u)

enum cpuid_register { EAX, EBX, ECX, EDX };

static const struct {
	char name[16];
	uint32_t leaf;
	uint8_t cpuid_register, bit;
} features[CPU_FEATURE_COUNT] = {
        [CPU_LONG_MODE] = {"long mode", LEAF_EXTENDED_BITS, EDX, 29},
        [CPU_NX] = {"NX", LEAF_EXTENDED_BITS, EDX, 20},
        [CPU_GIB_PAGES] = {"1 GiB pages", LEAF_EXTENDED_BITS, EDX, 26},
        [CPU_SYSCALL] = {"SYSCALL", LEAF_EXTENDED_BITS, EDX, 11},
        [CPU_APIC] = {"APIC", LEAF_VERSION, EDX, 9},
        [CPU_X2APIC] = {"x2APIC", LEAF_VERSION, ECX, 21},
        [CPU_TSC_DEADLINE] = {"TSC deadline", LEAF_VERSION, ECX, 24},
        [CPU_INVARIANT_TSC] = {"invariant TSC", LEAF_POWER, EDX, 8},
        [CPU_SMEP] = {"SMEP", LEAF_FEATURES, EBX, 7},
        [CPU_SMAP] = {"SMAP", LEAF_FEATURES, EBX, 20},
        [CPU_UMIP] = {"UMIP", LEAF_FEATURES, ECX, 2},
        [CPU_FSGSBASE] = {"FSGSBASE", LEAF_FEATURES, EBX, 0},
        [CPU_RDRAND] = {"RDRAND", LEAF_VERSION, ECX, 30},
        [CPU_RDSEED] = {"RDSEED", LEAF_FEATURES, EBX, 18},
        [CPU_HYPERVISOR] = {"hypervisor", LEAF_VERSION, ECX, 31},
};

/* A leaf above the highest of its group answers with another leaf's data. */
static bool has_leaf(uint32_t leaf)
{
	return leaf <= cpu_cpuid(LEAF_GROUP(leaf), 0).eax;
}

bool cpu_has(enum cpu_feature feature)
{
	uint32_t leaf = features[feature].leaf;
	struct cpuid r;
	uint32_t values[4];

	if (!has_leaf(leaf))
		return false;
	r = cpu_cpuid(leaf, 0);
	values[EAX] = r.eax;
	values[EBX] = r.ebx;
	values[ECX] = r.ecx;
	values[EDX] = r.edx;
	return values[features[feature].cpuid_register] >> features[feature].bit & 1;
}

const char *cpu_feature_name(enum cpu_feature feature)
{
	return features[feature].name;
}

static void read_brand(char brand[49])
{
	char text[49] = "";
	const char *begin = text;

	if (has_leaf(LEAF_BRAND + 2)) {
		for (uint32_t i = 0; i < 3; i++) {
			struct cpuid r = cpu_cpuid(LEAF_BRAND + i, 0);

			memcpy(text + 16 * i, &r, sizeof(r));
		}
	} else {
		struct cpuid r = cpu_cpuid(0, 0);

		memcpy(text, &r.ebx, 4);
		memcpy(text + 4, &r.edx, 4);
		memcpy(text + 8, &r.ecx, 4);
	}
	while (*begin == ' ')
		begin++;
	memmove(brand, begin, strlen(begin) + 1);
}

/* Family and model are put together from two fields each (Intel SDM volume 2, CPUID, leaf 1). */
void cpu_identify(struct cpu_identity *identity)
{
	uint32_t version = cpu_cpuid(LEAF_VERSION, 0).eax;
	unsigned int family = version >> 8 & 0xf;

	read_brand(identity->brand);
	identity->family = family == 0xf ? family + (version >> 20 & 0xff) : family;
	identity->model = version >> 4 & 0xf;
	if (family == 0xf || family == 6)
		identity->model |= (version >> 16 & 0xf) << 4;
	identity->stepping = version & 0xf;
}
