/*
 * What ends a machine with several CPUs, or one that lacks some: `smp=KIND` on the command line.
 */
#include <stdarg.h>

#include "abi/errno.h"
#include "backtrace.h"
#include "bus/acpi.h"
#include "core/boot_word.h"
#include "core/cpus.h"
#include "core/fault_kind.h"
#include "core/log.h"
#include "core/panic.h"
#include "core/stop.h"
#include "core/symbols.h"
#include "cpu.h"
#include "everywhere.h"
#include "lib/string.h"
#include "machine_end.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "refusal.h"
#include "smp/start.h"
#include "time/clock.h"

#define TALKS 40

#define MSR_TSC 0x10u
#define APART   4000u /* ticks: a millisecond of Bochs */

#define TABLES_MAX 8u /* of the kernel's own space, which keeps them */

static uint32_t talking;

/* All talk, and the last CPU panics in the middle of it. */
static void talk(void)
{
	__atomic_fetch_add(&talking, 1, __ATOMIC_ACQ_REL);
	for (unsigned int i = 0;; i++) {
		log_info("CPU %u talks, and it is not done after %u lines\n", percpu_cpu(), i);
		if (i == TALKS && percpu_cpu() == cpus_online() - 1)
			panic("CPU %u has heard enough.", percpu_cpu());
	}
}

static __attribute__((format(printf, 1, 2))) void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	stop_note(format, args);
	va_end(args);
}

/* All panic, as near to each other as they can: each has left its reason already, which panic() does first of all. */
static void panic_together(void)
{
	note("CPU %u gives up.", percpu_cpu());
	__atomic_fetch_add(&talking, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&talking, __ATOMIC_ACQUIRE) != cpus_online())
		cpu_relax();
	panic("CPU %u gives up.", percpu_cpu());
}

/* All but the last sleep, or wait for nothing with interrupts off. */
static void be_deaf(void)
{
	cpu_disable_interrupts();
	__atomic_fetch_add(&talking, 1, __ATOMIC_ACQ_REL);
	if (percpu_cpu() == cpus_online() - 1) {
		while (__atomic_load_n(&talking, __ATOMIC_ACQUIRE) != cpus_online())
			cpu_relax();
		panic("CPU %u speaks for all.", percpu_cpu());
	}
	for (;;)
		cpu_relax();
}

static void overflow_stack(void)
{
	fault_kind_find("stack", 5)->run();
}

/* The table tells of CPUs that are not there. */
static void look_for_ghosts(const struct boot_info *info)
{
	struct acpi_madt *madt = kmalloc(sizeof(*madt));
	int online;

	*madt = acpi_info()->madt;
	madt->cpus[madt->cpu_count++].apic_id = 77;
	madt->cpus[madt->cpu_count++].apic_id = 99;
	online = smp_start_now(madt, info->smp_frames, CPUS_MAX);
	machine_end(online == madt->cpu_count - 2);
}

/* Is it for a table through which the others are to come? That is the last thing which they need memory for. */
static bool is_for_the_way(const struct trap_frame *frame)
{
	struct backtrace trace = {.rbp = frame->rbp};

	while (backtrace_next(&trace)) {
		uint64_t offset;
		const char *name = symbols_find(trace.address, &offset);

		if (name != NULL && strcmp(name, "ap_start_prepare") == 0)
			return true;
	}
	return false;
}

struct left {
	uint64_t frames, blocks;
};

static struct left count_left(void)
{
	heap_trim();
	return (struct left){frames_count().free, heap_count().blocks};
}

/* So none comes, none is awaited, and what each had already is free again. A few tables stay. */
static void refuse_the_way(const struct boot_info *info)
{
	const void *const functions[REFUSAL_FUNCTIONS] = {(const void *)frames_allocate};
	struct left before = count_left(), after;
	bool is_good;

	refusal_start(functions, is_for_the_way);
	is_good = smp_start_now(&acpi_info()->madt, info->smp_frames, CPUS_MAX) == -ENOMEM;
	refusal_end();
	for (uint32_t cpu = 1; cpu < cpus_count(); cpu++)
		is_good = is_good && cpus_state(cpu) == CPU_NO_MEMORY;
	after = count_left();
	log_info("%lu frames of %lu are free, %lu blocks and %lu in use\n", after.frames, before.frames, after.blocks,
	        before.blocks);
	machine_end(is_good && after.blocks == before.blocks && after.frames + TABLES_MAX >= before.frames);
}

/* CPU 0's counter is not what the others' are; by less than its own CPU would take for a jump. */
static void set_counter_apart(const struct boot_info *info)
{
	cpu_write_msr(MSR_TSC, cpu_read_tsc() + APART);
	everywhere_start(info);
	log_info("Then the clock is %s.\n", clock_source()->name);
}

static bool is_word(const char *value, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(word, value, length) == 0;
}

static void run(const struct boot_info *info, const char *value, size_t value_length)
{
	static const struct {
		const char *name;
		void (*function)(void);
		bool on_one;
	} kinds[] = {
	        {"talk", talk, false},
	        {"together", panic_together, false},
	        {"deaf", be_deaf, false},
	        {"overflow", overflow_stack, true},
	};

	panic_set_end(machine_end_failed);
	if (is_word(value, value_length, "ghost"))
		look_for_ghosts(info);
	if (is_word(value, value_length, "refused"))
		refuse_the_way(info);
	if (is_word(value, value_length, "apart"))
		set_counter_apart(info);
	else
		everywhere_start(info);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!is_word(value, value_length, kinds[i].name))
			continue;
		if (kinds[i].on_one)
			everywhere_run_one(1, kinds[i].function);
		else
			everywhere_run(kinds[i].function);
	}
	while (true)
		cpu_relax();
}

BOOT_WORD(smp, "=KIND ends a machine with several CPUs in some way", run);
