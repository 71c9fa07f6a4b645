#include "everywhere.h"

#include "bus/acpi.h"
#include "core/cpus.h"
#include "cpu.h"
#include "smp/start.h"

static struct {
	struct elsewhere what; /* first */
	void (*function)(void);
} given[CPUS_MAX];

static uint32_t left;

uint32_t everywhere_start(const struct boot_info *info)
{
	if (acpi_info()->madt.cpu_count > 1)
		smp_start_now(&acpi_info()->madt, info->smp_frames, CPUS_MAX);
	return cpus_online();
}

static void run_given(struct elsewhere *self)
{
	(void)self;
	given[percpu_cpu()].function();
	__atomic_fetch_sub(&left, 1, __ATOMIC_RELEASE);
}

void everywhere_run_one(uint32_t cpu, void (*function)(void))
{
	given[cpu].what.function = run_given;
	given[cpu].function = function;
	elsewhere_run(cpu, &given[cpu].what);
}

void everywhere_run(void (*function)(void))
{
	__atomic_store_n(&left, cpus_online(), __ATOMIC_RELEASE);
	for (uint32_t cpu = 1; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu))
			everywhere_run_one(cpu, function);
	}
	given[0].function = function;
	run_given(&given[0].what);
	while (__atomic_load_n(&left, __ATOMIC_ACQUIRE) != 0)
		cpu_relax();
}
