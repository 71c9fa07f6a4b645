#include "machine_check.h"

#include "cpu.h"

#define CPUID_EDX_MCE (1u << 7)
#define CPUID_EDX_MCA (1u << 14)

#define MSR_CAPABILITIES     0x179u /* IA32_MCG_CAP */
#define CAPABILITIES_BANKS   0xffu
#define CAPABILITIES_CONTROL (1u << 8) /* there is IA32_MCG_CTL */
#define MSR_GLOBAL_CONTROL   0x17bu
#define MSR_CONTROL(bank)    (0x400u + 4 * (bank)) /* IA32_MCi_CTL */
#define MSR_STATUS(bank)     (0x401u + 4 * (bank))
#define MSR_ADDRESS(bank)    (0x402u + 4 * (bank))
#define STATUS_VALID         (1ull << 63)
#define CONTROL_ALL          UINT64_MAX

static uint32_t features(void)
{
	return cpu_cpuid(1, 0).edx;
}

unsigned int machine_check_banks(void)
{
	return features() & CPUID_EDX_MCA ? cpu_read_msr(MSR_CAPABILITIES) & CAPABILITIES_BANKS : 0;
}

bool machine_check_read(unsigned int bank, struct machine_check *check)
{
	check->status = cpu_read_msr(MSR_STATUS(bank));
	check->address = check->status & MACHINE_CHECK_ADDRESS_VALID ? cpu_read_msr(MSR_ADDRESS(bank)) : 0;
	return (check->status & STATUS_VALID) != 0;
}

/* What is left in the banks from before is not ours to report. Bank 0's control is the firmware's on older CPUs. */
void machine_check_start(void)
{
	unsigned int banks = machine_check_banks();

	if (banks > 0 && (cpu_read_msr(MSR_CAPABILITIES) & CAPABILITIES_CONTROL))
		cpu_write_msr(MSR_GLOBAL_CONTROL, CONTROL_ALL);
	for (unsigned int bank = 0; bank < banks; bank++) {
		if (bank > 0)
			cpu_write_msr(MSR_CONTROL(bank), CONTROL_ALL);
		cpu_write_msr(MSR_STATUS(bank), 0);
	}
	if (features() & CPUID_EDX_MCE)
		cpu_write_cr4(cpu_read_cr4() | CPU_CR4_MCE);
}
