#include "core/stop.h"

#include <stdarg.h>

#include "backtrace.h"
#include "core/cpus.h"
#include "core/log.h"
#include "core/symbols.h"
#include "cpu.h"
#include "lib/format.h"
#include "local_apic.h"

#define REASON_MAX  120
#define CALLERS_MAX 3 /* a line has little more room */

/* Cycles until a CPU counts as one that does not stop: a second or less, and an emulator's needs a part of it. */
#define PATIENCE (1ull << 31)

static uint32_t reporter; /* the CPU's number and 1; 0: nobody reports */

struct stopped {
	bool has_stopped;
	struct backtrace where; /* address 0: asleep, or it stopped by itself */
	char reason[REASON_MAX];
};
static PERCPU(struct stopped, stopped);

bool stop_is_wanted(void)
{
	uint32_t who = __atomic_load_n(&reporter, __ATOMIC_ACQUIRE);

	return who != 0 && who != percpu_cpu() + 1;
}

void stop_note(const char *format, va_list args)
{
	format_string_args(percpu(stopped)->reason, REASON_MAX, format, args);
}

void stop_note_place(uint64_t address, uint64_t rbp)
{
	uint64_t offset;

	if (symbols_find(address, &offset) == NULL || !cpu_was_halted(address))
		percpu(stopped)->where = (struct backtrace){.address = address, .rbp = rbp};
}

static bool is_running(uint32_t cpu)
{
	return cpu != percpu_cpu() && cpus_state(cpu) == CPU_ONLINE &&
	       !__atomic_load_n(&percpu_of(stopped, cpu)->has_stopped, __ATOMIC_ACQUIRE);
}

static bool is_any_running(void)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (is_running(cpu))
			return true;
	}
	return false;
}

bool stop_others(void)
{
	uint32_t nobody = 0, me = percpu_cpu() + 1;
	uint64_t began = cpu_read_tsc();

	if (!__atomic_compare_exchange_n(&reporter, &nobody, me, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return nobody == me;
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (is_running(cpu))
			local_apic_send(cpus_apic_id(cpu), LOCAL_APIC_NMI);
	}
	while (is_any_running() && cpu_read_tsc() - began < PATIENCE)
		cpu_relax();
	return true;
}

void stop_here(void)
{
	__atomic_store_n(&percpu(stopped)->has_stopped, true, __ATOMIC_RELEASE);
	cpu_stop();
}

/* Who is stuck may be so in what it calls: so who called is told, too. */
static void print_place(uint32_t cpu, struct backtrace where)
{
	char text[SYMBOLS_TEXT_MAX];

	log_error("CPU %u was in %s", cpu, symbols_describe(where.address, text));
	for (unsigned int i = 0; i < CALLERS_MAX && backtrace_next(&where); i++)
		log_error(", for %s", symbols_describe_caller(where.address, text));
	log_error("\n");
}

void stop_print_others(void)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_state(cpu) != CPU_ONLINE || cpu == percpu_cpu())
			continue;
		if (percpu_of(stopped, cpu)->reason[0] != '\0')
			log_error("CPU %u had a reason of its own: %s\n", cpu, percpu_of(stopped, cpu)->reason);
		if (is_running(cpu))
			log_error("CPU %u does not stop.\n", cpu);
		else if (percpu_of(stopped, cpu)->where.address != 0)
			print_place(cpu, percpu_of(stopped, cpu)->where);
	}
}
