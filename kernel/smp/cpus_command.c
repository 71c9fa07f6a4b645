/*
 * cpus: which CPUs there are, and what they do.
 */
#include "core/cpus.h"

#include "core/cross_call.h"
#include "core/monitor_command.h"
#include "local_apic.h"
#include "smp/load.h"
#include "smp/start.h"
#include "task/scheduler.h"
#include "time/timer.h"

#define WIDE      10000 /* so long an offset is too long for the line */
#define WIDE_UNIT 1000  /* and so long where a letter comes behind */

static const char *state_name(enum cpu_state state)
{
	static const char *const names[] = {
	        [CPU_ONLINE] = "runs",
	        [CPU_AWAITED] = "is awaited",
	        [CPU_SILENT] = "does not answer",
	        [CPU_STUCK] = "is stuck",
	        [CPU_REFUSED] = "lacks something",
	        [CPU_LEFT_OUT] = "left out",
	        [CPU_NO_MEMORY] = "without memory",
	};

	return names[state];
}

/* What a CPU had done when it was last asked. */
static struct load_mark before[CPUS_MAX];

/* In cycles; in thousands or millions of them where those are many, as on a busy host. */
static void print_offset(struct command_output *output, struct tsc_offset offset)
{
	static const char *const units[] = {"", "k", "M", "G"};
	unsigned int unit = 0;

	for (int64_t wide = WIDE; (offset.least <= -wide || offset.most >= wide) && unit < 3; wide = WIDE_UNIT) {
		offset.least /= 1000;
		offset.most /= 1000;
		unit++;
	}
	command_print(output, "  %+ld%s to %+ld%s\n", offset.least, units[unit], offset.most, units[unit]);
}

static void print_cpu(struct command_output *output, uint32_t cpu)
{
	struct cross_call_count calls = cross_call_count(cpu);

	command_print(output, "%3u%6u %4lu %%%8lu%9lu%8lu%8lu%8lu%7lu", cpu, cpus_apic_id(cpu),
	        load_since(&before[cpu], cpu), scheduler_on(cpu)->halts, scheduler_on(cpu)->switches,
	        scheduler_on(cpu)->steals, timer_interrupts_of(cpu), calls.kicks, calls.orders);
	if (cpu == 0)
		command_print(output, "\n");
	else
		print_offset(output, *smp_tsc_offset(cpu));
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	if (count != 1)
		return command_refuse(output, words[0]);
	command_print(output, "%u of %u run\n", cpus_online(), cpus_count());
	command_print(output, "CPU  APIC   load  sleeps switches  stolen  timers   kicks  calls  TSC against 0\n");
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu))
			print_cpu(output, cpu);
		else
			command_print(output, "%3u%6u  %s\n", cpu, cpus_apic_id(cpu), state_name(cpus_state(cpu)));
	}
	return 0;
}

MONITOR_COMMAND(cpus, "", "all CPUs: load since last asked, interrupts, counters", print);
