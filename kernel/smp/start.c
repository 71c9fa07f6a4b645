#include "smp/start.h"

#include "abi/errno.h"
#include "bus/acpi.h"
#include "core/boot_word.h"
#include "core/cpus.h"
#include "core/log.h"
#include "cpu.h"
#include "lib/command_line.h"
#include "lib/number.h"
#include "lib/string.h"
#include "local_apic.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/kernel_map.h"
#include "paging.h"
#include "smp/ap.h"
#include "task/elsewhere.h"
#include "task/executor.h"
#include "task/schedule_seed.h"
#include "task/scheduler.h"
#include "task/sleep.h"
#include "task/task.h"
#include "task/yield.h"
#include "time/clock.h"
#include "time/clock_sources.h"

/* Intel SDM volume 3, 9.4.4.1: INIT, 10 ms, STARTUP, 200 us, STARTUP again. */
#define INIT_NS    (NS_PER_SECOND / 100)
#define STARTUP_NS 200000

/* Then they are looked for now and then, for a second in all: long for a CPU, short for an emulator's. */
#define LOOK_NS (NS_PER_SECOND / 500)
#define LOOKS   500

/* One that has arrived is alive: in the kernel it may have to wait for locks. */
#define LOOKS_ARRIVED (30 * LOOKS)

/* More would mostly wait for each other's locks, which takes longest where all are threads of a host with few CPUs. */
#define AT_ONCE 8

static struct {
	struct paging_space space;
	struct cpu_settings settings; /* the boot CPU's */
	struct ap_start *starts;      /* those that are awaited */
	uint32_t count;
	bool is_begun;
	struct tsc_offset offsets[CPUS_MAX]; /* from the boot CPU's, when the CPU came */
	uint64_t blur;                       /* by so many ticks one of them may be off without being noticed */
} smp;

/* ---- who there is ---- */

static bool is_known(uint32_t apic_id)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_apic_id(cpu) == apic_id)
			return true;
	}
	return false;
}

/* A number above 254 reaches only where the APICs' registers are MSRs (11.12.9). */
static bool is_reachable(uint32_t apic_id)
{
	return local_apic_is_x2apic() || apic_id < 255;
}

static void list_cpus(const struct acpi_madt *madt, uint32_t max)
{
	cpus_set_boot_apic_id(local_apic_id());
	for (uint32_t i = 0; i < madt->cpu_count; i++) {
		uint32_t id = madt->cpus[i].apic_id;

		if (is_known(id))
			continue;
		if (!is_reachable(id))
			log_warning("CPUs: APIC number %u is out of reach: that CPU is left out.\n", id);
		else
			cpus_add(id, cpus_count() < max ? CPU_AWAITED : CPU_LEFT_OUT);
	}
}

/* ---- the steps ---- */

static uint64_t take_table(void)
{
	return frames_allocate(0, FRAMES_ZERO);
}

static void make_all(void)
{
	for (uint32_t cpu = 1; cpu < cpus_count(); cpu++) {
		if (cpus_state(cpu) != CPU_AWAITED)
			continue;
		if (ap_make(cpu, &smp.settings, &smp.starts[smp.count]) != NULL)
			smp.count++;
		else
			cpus_settle(cpu, CPU_NO_MEMORY);
	}
}

static bool make_ready(uint64_t frame)
{
	smp.starts = kzalloc(cpus_count() * sizeof(*smp.starts));
	if (smp.starts == NULL)
		return false;
	cpu_settings_read(&smp.settings);
	make_all();
	smp.space = (struct paging_space){frame + PAGE_SIZE, take_table, frames_free};
	return elsewhere_start_cpu() && ap_start_prepare(&smp.space, frame, smp.starts, smp.count, ap_main);
}

/* None was told to start: nobody is awaited, and what was made for them is free again. */
static void call_off(void)
{
	for (uint32_t i = 0; i < smp.count; i++)
		ap_free(smp.starts[i].context);
	kfree(smp.starts);
	for (uint32_t cpu = 1; cpu < cpus_count(); cpu++)
		cpus_settle(cpu, CPU_NO_MEMORY);
}

static int prepare(const struct acpi_madt *madt, uint64_t frame, uint32_t max)
{
	if (smp.is_begun)
		return -EBUSY;
	if (frame == 0 || !local_apic_present())
		return -ENODEV;
	smp.is_begun = true;
	list_cpus(madt, max);
	if (make_ready(frame))
		return 0;
	call_off();
	return -ENOMEM;
}

/* Of those that are started at once, which is one beyond the last? */
static uint32_t group_end(uint32_t first)
{
	return smp.count - first > AT_ONCE ? first + AT_ONCE : smp.count;
}

static void send(uint32_t first, uint32_t end, uint32_t message)
{
	for (uint32_t i = first; i < end; i++) {
		if (!ap_start_has_arrived(&smp.starts[i]))
			local_apic_send(smp.starts[i].apic_id, message);
	}
}

static const struct ap *ap_of(uint32_t i)
{
	return smp.starts[i].context;
}

/* How many looks it takes until those of a group are given up; 0 when all have come. */
static uint32_t patience(uint32_t first)
{
	uint32_t looks = 0;

	for (uint32_t i = first; i < group_end(first); i++) {
		if (cpus_state(ap_of(i)->cpu) != CPU_AWAITED)
			continue;
		if (ap_start_has_arrived(&smp.starts[i]))
			return LOOKS_ARRIVED;
		looks = LOOKS;
	}
	return looks;
}

/* ---- what came of it ---- */

static void give_up(struct ap_start *start)
{
	struct ap *ap = start->context;

	/* One that has come is on its way through ap_main(), and uses its memory. */
	if (!ap_start_give_up(start)) {
		cpus_settle(ap->cpu, CPU_STUCK);
		return;
	}
	cpus_settle(ap->cpu, CPU_SILENT);
	ap_free(ap);
	start->context = NULL;
}

static void say_why(uint32_t cpu)
{
	switch (cpus_state(cpu)) {
	case CPU_SILENT:
		log_warning("CPUs: CPU %u (APIC number %u) does not answer: it is left out.\n", cpu, cpus_apic_id(cpu));
		break;
	case CPU_STUCK:
		log_warning("CPUs: CPU %u (APIC number %u) came, but is not ready yet: it is left out.\n", cpu,
		        cpus_apic_id(cpu));
		break;
	case CPU_NO_MEMORY:
		log_warning("CPUs: there is no memory for CPU %u: it is left out.\n", cpu);
		break;
	default:
		break;
	}
}

static void finish_one(const struct ap *ap)
{
	const char *what = cpu_settings_lacks(&smp.settings, &ap->settings);

	if (cpus_state(ap->cpu) == CPU_REFUSED) {
		log_warning("CPUs: CPU %u has no %s, which CPU 0 has: it is left out.\n", ap->cpu, what);
		return;
	}
	if (cpus_state(ap->cpu) != CPU_ONLINE)
		return;
	kernel_map_protect((uint64_t)ap->gdt, PAGE_SIZE, PAGE_NO_EXECUTE);
	what = cpu_settings_differ(&smp.settings, &ap->settings);
	if (what != NULL)
		log_warning("CPUs: %s of CPU %u is not what it is in CPU 0.\n", what, ap->cpu);
	if (cpu_settings_lacks(&ap->settings, &smp.settings) != NULL)
		log_warning("CPUs: CPU %u has %s, CPU 0 has not.\n", ap->cpu,
		        cpu_settings_lacks(&ap->settings, &smp.settings));
}

/* Where counters differ by more than it takes to look at them, they are no clock for all. */
static void say_offset(uint32_t cpu, const struct tsc_offset *offset)
{
	if (tsc_is_in_step(offset))
		return;
	log_warning("CPUs: the time-stamp counter of CPU %u is off by %ld to %ld ticks: it is no clock for all.\n", cpu,
	        offset->least, offset->most);
	clock_distrust(clock_sources_tsc());
	scheduler_distrust_counters();
}

static void compare_counters(uint32_t cpu)
{
	struct tsc_offset *offset = &smp.offsets[cpu];

	if (!cpus_is_online(cpu))
		return;
	*offset = tsc_check(cpu);
	say_offset(cpu, offset);
	if ((uint64_t)(offset->most - offset->least) > smp.blur)
		smp.blur = (uint64_t)(offset->most - offset->least);
}

static void say_result(void)
{
	uint64_t hz = clock_sources_tsc()->hz;

	if (cpus_online() > 1 && hz != 0)
		log_info("CPUs: %u of %u run, counters compared to %lu ns\n", cpus_online(), cpus_count(),
		        clock_to_ns(smp.blur, clock_scale(hz)));
	else
		log_info("CPUs: %u of %u run\n", cpus_online(), cpus_count());
}

const struct tsc_offset *smp_tsc_offset(uint32_t cpu)
{
	return &smp.offsets[cpu];
}

static void finish(void)
{
	for (uint32_t i = 0; i < smp.count; i++)
		give_up(&smp.starts[i]);
	for (uint32_t cpu = 1; cpu < cpus_count(); cpu++)
		say_why(cpu);
	for (uint32_t i = 0; i < smp.count; i++) {
		if (smp.starts[i].context != NULL)
			finish_one(ap_of(i));
	}
	if (ap_start_lacking() > 0)
		log_warning("CPUs: %u without long mode or NX halted.\n", ap_start_lacking());
}

static void say_failure(int result)
{
	if (result == -ENOMEM)
		log_warning("CPUs: there is no memory to start others.\n");
	else if (result == -ENODEV)
		log_warning("CPUs: others cannot start: no local APIC, or no memory below 1 MiB.\n");
}

struct start_cpus {
	struct future future;
	const struct acpi_madt *madt;
	uint64_t frame;
	uint32_t max, first, looks, cpu;
	struct sleep sleep;
	struct yield yield;
};

ASYNC(start_cpus)
{
	ASYNC_BEGIN;
	{
		int result = prepare(me->madt, me->frame, me->max);

		if (result != 0) {
			say_failure(result);
			async_return(result);
		}
	}
	send(0, smp.count, LOCAL_APIC_INIT);
	await(sleep_for(&me->sleep, INIT_NS));
	for (me->first = 0; me->first < smp.count; me->first += AT_ONCE) {
		send(me->first, group_end(me->first), LOCAL_APIC_STARTUP | ap_start_page());
		await(sleep_for(&me->sleep, STARTUP_NS));
		send(me->first, group_end(me->first), LOCAL_APIC_STARTUP | ap_start_page());
		for (me->looks = 0; me->looks < patience(me->first); me->looks++)
			await(sleep_for(&me->sleep, LOOK_NS));
	}
	finish();
	for (me->cpu = 1; me->cpu < cpus_count(); me->cpu++) {
		compare_counters(me->cpu);
		await(yield_now(&me->yield)); /* many CPUs take a while */
	}
	say_result();
	async_return((int)cpus_online());
	ASYNC_FINALLY;
	ASYNC_END;
}

int smp_start_now(const struct acpi_madt *madt, uint64_t frame, uint32_t max)
{
	struct start_cpus start = {.looks = 0};

	return (int)block_on(call(&start, start_cpus, .madt = madt, .frame = frame, .max = max));
}

/* How many the command line lets run: 1 with `nosmp`, and where schedules follow a seed (task/schedule_seed.h). */
static uint32_t wanted(const struct boot_info *info)
{
	const char *line = paging_direct(info->command_line);
	struct command_line_word word;
	char text[8] = "";
	uint64_t max;

	if (command_line_find(line, "nosmp", &word))
		return 1;
	if (schedule_seed.is_in_use) {
		log_info("CPUs: schedules follow a seed, so one of %u runs.\n", acpi_info()->madt.cpu_count);
		return 1;
	}
	if (!command_line_find(line, "maxcpus", &word))
		return CPUS_MAX;
	if (word.value_length < sizeof(text))
		memcpy(text, word.value, word.value_length);
	if (number_parse(text, 10, &max) && max >= 1 && max <= CPUS_MAX)
		return (uint32_t)max;
	log_warning("maxcpus=%.*s is no number from 1 to %u: all run.\n", (int)word.value_length, word.value, CPUS_MAX);
	return CPUS_MAX;
}

void smp_start(const struct boot_info *info)
{
	const struct acpi_madt *madt = &acpi_info()->madt;
	uint32_t max;

	if (madt->cpu_count <= 1)
		return;
	max = wanted(info);
	if (max > 1 && spawn(start_cpus, .madt = madt, .frame = info->smp_frames, .max = max) == NULL)
		say_failure(-ENOMEM);
}

BOOT_WORD(nosmp, "one CPU runs, however many there are", NULL);
BOOT_WORD(maxcpus, "maxcpus=N: so many CPUs run at most", NULL);
