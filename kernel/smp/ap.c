#include "smp/ap.h"

#include "core/cpus.h"
#include "core/random.h"
#include "cpu.h"
#include "descriptors.h"
#include "lib/format.h"
#include "local_apic.h"
#include "machine_check.h"
#include "mm/fault_stacks.h"
#include "mm/heap.h"
#include "mm/kernel_map.h"
#include "mm/region.h"
#include "percpu.h"
#include "protection.h"
#include "task/elsewhere.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "time/event_source.h"

#define STACK_SIZE 0x4000u /* as the boot CPU's */

#define CANARY_MASK ~0xffull /* its lowest byte is zero: core/stack_protector.c tells why */

enum ap_region { AP_STACK, AP_BLOCK, AP_GDT };

static void *take(struct ap *ap, enum ap_region region, size_t size, const char *what)
{
	format_string(ap->names[region], AP_NAME_MAX, "the %s of CPU %u", what, ap->cpu);
	return region_allocate(size, ap->names[region]);
}

static bool take_all(struct ap *ap)
{
	ap->stack = take(ap, AP_STACK, STACK_SIZE, "stack");
	ap->gdt = take(ap, AP_GDT, DESCRIPTORS_GDT_SIZE, "GDT");
	ap->block = take(ap, AP_BLOCK, percpu_size(), "own data");
	if (ap->stack == NULL || ap->gdt == NULL || ap->block == NULL)
		return false;
	percpu_make_block(ap->cpu, ap->block, random_u64() & CANARY_MASK);
	return fault_stacks_make(ap->cpu);
}

struct ap *ap_make(uint32_t cpu, const struct cpu_settings *wanted, struct ap_start *start)
{
	struct ap *ap = kzalloc(sizeof(*ap));

	if (ap == NULL)
		return NULL;
	ap->cpu = cpu;
	ap->wanted = wanted;
	if (!take_all(ap)) {
		ap_free(ap);
		return NULL;
	}
	*start = (struct ap_start){
	        .apic_id = cpus_apic_id(cpu),
	        .state = AP_AWAITED,
	        .stack = (uint64_t)ap->stack + STACK_SIZE,
	        .percpu = (uint64_t)ap->block,
	        .context = ap,
	};
	return ap;
}

void ap_free(struct ap *ap)
{
	if (ap->block != NULL)
		fault_stacks_free(ap->cpu);
	percpu_drop_block(ap->cpu);
	region_free(ap->block);
	region_free(ap->gdt);
	region_free(ap->stack);
	kfree(ap);
}

/*
 * As the boot CPU was set up, in the same order. Before it is online nobody tells it of pages that are unmapped: so
 * what it has come to remember until then is forgotten after.
 */
void ap_main(void *context)
{
	struct ap *ap = context;

	cpu_settings_read(&ap->settings);
	if (cpu_settings_lacks(ap->wanted, &ap->settings) != NULL) {
		cpus_settle(ap->cpu, CPU_REFUSED);
		cpu_stop();
	}
	descriptors_start_cpu(ap->gdt);
	protection_start();
	machine_check_start();
	kernel_map_start_cpu();
	local_apic_start_cpu();
	heap_start_cpu();
	scheduler_start_cpu();
	executor_start();
	elsewhere_start_cpu();
	event_source_start_cpu();
	cpu_settings_read(&ap->settings);
	if (!cpus_settle(ap->cpu, CPU_ONLINE))
		cpu_stop();
	cpu_forget_pages();
	cpu_enable_interrupts();
	executor_run();
}
