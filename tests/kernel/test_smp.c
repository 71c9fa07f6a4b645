/*
 * Other CPUs: that they come, that each has what is its own, and that they do what they are told. On a machine with one
 * all of these are skipped.
 */
#include "kernel_test.h"

#include <stddef.h>

#include "abi/errno.h"
#include "bus/acpi.h"
#include "core/cross_call.h"
#include "core/cpus.h"
#include "core/fault.h"
#include "cpu.h"
#include "cpu_settings.h"
#include "lib/string.h"
#include "everywhere.h"
#include "local_apic.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/region.h"
#include "paging.h"
#include "percpu.h"
#include "vectors.h"
#include "smp/start.h"
#include "smp/tsc_check.h"
#include "task/elsewhere.h"
#include "task/executor.h"
#include "task/sleep.h"
#include "time/clock.h"
#include "time/timer.h"

KERNEL_TEST(smp_all_come)
{
	const struct acpi_madt *madt = &acpi_info()->madt;

	NEEDS_OTHERS(info);
	EXPECT(cpus_online() == madt->cpu_count && cpus_count() == madt->cpu_count);
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++)
		EXPECT(cpus_is_online(cpu));
	EXPECT(smp_start_now(madt, info->smp_frames, CPUS_MAX) == -EBUSY);
}

/* With one CPU, too: so it is seen in Bochs, where the command is an MSR and the number has 32 bits. */
KERNEL_TEST(smp_kick_of_oneself)
{
	uint64_t before = cross_call_count(0).kicks;

	if (!local_apic_present())
		SKIP("there is no local APIC");
	local_apic_send(local_apic_id(), LOCAL_APIC_INTERRUPT | VECTOR_KICK);
	while (cross_call_count(0).kicks == before)
		cpu_relax();
	EXPECT(cross_call_count(0).kicks == before + 1);
}

#define DEAF_CYCLES (1ull << 33)

static struct {
	struct timer timer;
	bool is_deaf, has_fired, was_seen;
} comparison;

static void note_fired(struct timer *timer)
{
	(void)timer;
	__atomic_store_n(&comparison.has_fired, true, __ATOMIC_RELEASE);
}

/* Hears nothing until CPU 0 has been interrupted. */
static void be_deaf(struct elsewhere *self)
{
	uint64_t flags = cpu_interrupts_save(), began = cpu_read_tsc();

	(void)self;
	__atomic_store_n(&comparison.is_deaf, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&comparison.has_fired, __ATOMIC_ACQUIRE) && cpu_read_tsc() - began < DEAF_CYCLES)
		cpu_relax();
	comparison.was_seen = __atomic_load_n(&comparison.has_fired, __ATOMIC_ACQUIRE);
	cpu_interrupts_restore(flags);
}

/* Who asks for a counter has interrupts on, however long the answer takes. */
KERNEL_TEST(smp_comparing_counters_holds_up_nobody)
{
	static struct elsewhere deaf = {.function = be_deaf};
	struct tsc_offset offset;

	NEEDS_OTHERS(info);
	elsewhere_run(1, &deaf);
	while (!__atomic_load_n(&comparison.is_deaf, __ATOMIC_ACQUIRE))
		cpu_relax();
	comparison.timer.fire = note_fired;
	timer_start(&comparison.timer, clock_monotonic_ns() + 1000000);
	offset = tsc_check(1);
	EXPECT(comparison.was_seen);
	EXPECT(tsc_is_in_step(&offset));
}

/* What each CPU says of itself. */
static struct report {
	uint32_t cpu, apic_id;
	uint64_t gs, gdt, idt, canary, stack;
	struct cpu_settings settings;
	unsigned int times;
} reports[CPUS_MAX];

static void report(void *context)
{
	struct report *mine = &reports[percpu_cpu()];
	struct cpu_table_pointer table;

	(void)context;
	mine->cpu = percpu_cpu();
	mine->apic_id = local_apic_id();
	mine->gs = cpu_read_msr(CPU_MSR_GS_BASE);
	cpu_store_gdt(&table);
	mine->gdt = table.base;
	cpu_store_idt(&table);
	mine->idt = table.base;
	mine->canary = ((const struct percpu_head *)mine->gs)->canary;
	mine->stack = (uint64_t)__builtin_frame_address(0);
	cpu_settings_read(&mine->settings);
	mine->times++;
}

static bool is_apart(const struct report *a, const struct report *b)
{
	return a->apic_id != b->apic_id && a->gs != b->gs && a->gdt != b->gdt && a->canary != b->canary &&
	       a->stack / 8192 != b->stack / 8192;
}

static void nothing(void) {}

/* A CPU sleeps as the thread that ran last; if that is over, its slot, with the canary, may be another's by now. So
 * each executor's runs first. */
KERNEL_TEST(smp_each_has_its_own)
{
	NEEDS_OTHERS(info);
	everywhere_run(nothing);
	memset(reports, 0, sizeof(reports));
	report(NULL);
	cross_call_others(report, NULL);
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		EXPECT(reports[cpu].times == 1 && reports[cpu].cpu == cpu);
		EXPECT(reports[cpu].apic_id == cpus_apic_id(cpu));
		EXPECT(reports[cpu].idt == reports[0].idt && (reports[cpu].canary & 0xff) == 0);
		EXPECT(cpu_settings_differ(&reports[cpu].settings, &reports[0].settings) == NULL);
		EXPECT(reports[cpu].settings.features == reports[0].settings.features);
		EXPECT(cpu == 0 || !paging_look_up(reports[cpu].gdt).writable);
		for (uint32_t other = 0; other < cpu; other++)
			EXPECT(is_apart(&reports[cpu], &reports[other]));
	}
}

static unsigned int calls[CPUS_MAX];

static void count_call(void *context)
{
	(void)context;
	calls[percpu_cpu()]++;
}

KERNEL_TEST(smp_calls_one_many_all)
{
	struct cpu_set set = {0};

	NEEDS_OTHERS(info);
	memset(calls, 0, sizeof(calls));
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++)
		cross_call_one(cpu, count_call, NULL); /* not the caller itself */
	cpu_set_add(&set, 0);
	cpu_set_add(&set, 1);
	cpu_set_add(&set, CPUS_MAX - 1); /* nobody */
	cross_call(&set, count_call, NULL);
	cross_call_later(&set, count_call, NULL);
	cross_call_others(count_call, NULL); /* waits for the one before, too */
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++)
		EXPECT(calls[cpu] == (cpu == 0 ? 0 : cpu == 1 ? 4 : 2));
}

/* Everybody calls everybody at once, with interrupts off as often as not. */
static uint32_t storm_rounds, storm_calls;

static void count_storm(void *context)
{
	(void)context;
	__atomic_fetch_add(&storm_calls, 1, __ATOMIC_RELAXED);
}

static void storm(void)
{
	for (unsigned int round = 0; round < storm_rounds; round++) {
		uint64_t flags = cpu_interrupts_save();

		if (round % 2 != 0)
			cpu_interrupts_restore(flags);
		cross_call_others(count_storm, NULL);
		if (round % 2 == 0)
			cpu_interrupts_restore(flags);
	}
}

/* An emulator's CPUs take turns on few of the host's: the more there are, the longer it takes them all to answer. */
static uint32_t fewer(uint32_t rounds)
{
	return rounds / (cpus_online() * cpus_online()) + 10;
}

KERNEL_TEST(smp_storm_of_calls)
{
	NEEDS_OTHERS(info);
	storm_calls = 0;
	storm_rounds = fewer(600);
	everywhere_run(storm);
	EXPECT(storm_calls == storm_rounds * cpus_online() * (cpus_online() - 1));
}

/* One CPU reads a page as long as it can; another unmaps it: from then on no reading may succeed. */
static struct {
	volatile uint8_t *page;
	bool is_gone, has_begun;
	uint32_t stale; /* reads that succeeded after the end */
	bool is_over;
} reader;

static void read_page(void *context)
{
	(void)context;
	(void)*reader.page;
}

static void read_until_gone(void)
{
	bool is_gone, could_read;

	do {
		is_gone = __atomic_load_n(&reader.is_gone, __ATOMIC_ACQUIRE);
		could_read = fault_try(read_page, NULL);
		__atomic_store_n(&reader.has_begun, true, __ATOMIC_RELEASE);
		if (is_gone && could_read)
			reader.stale++;
	} while (!is_gone && could_read);
	__atomic_store_n(&reader.is_over, true, __ATOMIC_RELEASE);
}

#define PAGES_ROUNDS 20

KERNEL_TEST(smp_no_page_is_read_after_its_end)
{
	NEEDS_OTHERS(info);
	reader.stale = 0;
	for (unsigned int round = 0; round < PAGES_ROUNDS; round++) {
		reader.page = region_allocate(PAGE_SIZE, "a page to be read");
		EXPECT(reader.page != NULL);
		reader.is_gone = reader.has_begun = reader.is_over = false;
		everywhere_run_one(1 + round % (cpus_online() - 1), read_until_gone);
		while (!__atomic_load_n(&reader.has_begun, __ATOMIC_ACQUIRE))
			cpu_relax();
		region_free((void *)reader.page);
		__atomic_store_n(&reader.is_gone, true, __ATOMIC_RELEASE);
		while (!__atomic_load_n(&reader.is_over, __ATOMIC_ACQUIRE))
			cpu_relax();
	}
	EXPECT(reader.stale == 0);
}

/* Memory of all kinds, taken and given back by all CPUs at once. */
#define HELD 8

static uint32_t memory_rounds, memory_errors;

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

/* A block that is filled with what its owner knows, and must still hold that in the end. */
struct held {
	enum { NOTHING, FRAMES, HEAP, REGION } kind;
	uint64_t *words;
	size_t count;
	uint64_t mark;
};

static void take(struct held *held, uint64_t random)
{
	size_t size = 64 + random / 8 % 3000;

	switch (random % 8) {
	case 0:
		held->kind = REGION;
		held->words = region_allocate(size, "a region of a test");
		break;
	case 1:
	case 2:
	case 3: {
		uint64_t frame = frames_allocate(0, 0);

		held->kind = FRAMES;
		held->words = frame != 0 ? paging_direct(frame) : NULL;
		break;
	}
	default:
		held->kind = HEAP;
		held->words = kmalloc(size);
	}
	held->count = held->words != NULL ? size / 8 : 0;
	held->mark = random;
	for (size_t i = 0; i < held->count; i++)
		held->words[i] = random;
}

static void give(struct held *held)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->words[i] != held->mark)
			__atomic_fetch_add(&memory_errors, 1, __ATOMIC_RELAXED);
	}
	if (held->count > 0 && held->kind == FRAMES)
		frames_free(paging_physical(held->words));
	else if (held->count > 0 && held->kind == HEAP)
		kfree(held->words);
	else if (held->count > 0 && held->kind == REGION)
		region_free(held->words);
	*held = (struct held){0};
}

static void use_memory(void)
{
	uint64_t random = percpu_cpu() + 1;
	struct held held[HELD] = {0};

	for (unsigned int round = 0; round < memory_rounds; round++) {
		struct held *one = &held[next_random(&random) % HELD];

		if (one->kind == NOTHING)
			take(one, next_random(&random));
		else
			give(one);
	}
	for (unsigned int i = 0; i < HELD; i++)
		give(&held[i]);
}

static void trim(void)
{
	heap_trim();
}

/* Regions for everybody at once, so that the page tables that stay are there before it is counted. */
static void warm_up(void)
{
	void *regions[HELD] = {0};

	for (unsigned int i = 0; i < HELD; i++)
		regions[i] = region_allocate(3000, "a region of a test");
	for (unsigned int i = 0; i < HELD; i++)
		region_free(regions[i]);
}

KERNEL_TEST(smp_memory_from_all_sides)
{
	uint64_t frames, blocks;

	NEEDS_OTHERS(info);
	memory_errors = 0;
	memory_rounds = fewer(8000);
	everywhere_run(warm_up);
	everywhere_run(use_memory);
	everywhere_run(trim);
	frames = frames_count().free;
	blocks = heap_count().blocks;
	everywhere_run(use_memory);
	everywhere_run(trim);
	EXPECT(memory_errors == 0);
	EXPECT(heap_count().blocks == blocks);
	EXPECT(frames_count().free == frames);
}

/* Each CPU has its own timer, of which nothing was measured there. */
static uint32_t sleepers;

struct sleep_a_while {
	struct future future;
	struct sleep sleep;
	uint64_t began;
};

ASYNC(sleep_a_while)
{
	ASYNC_BEGIN;
	me->began = clock_monotonic_ns();
	await(sleep_for(&me->sleep, NS_PER_SECOND / 200));
	if (clock_monotonic_ns() - me->began >= NS_PER_SECOND / 200)
		__atomic_fetch_add(&sleepers, 1, __ATOMIC_RELEASE);
	ASYNC_FINALLY;
	ASYNC_END;
}

static void start_sleeper(void)
{
	spawn(sleep_a_while);
}

KERNEL_TEST(smp_timers_on_every_cpu)
{
	NEEDS_OTHERS(info);
	sleepers = 0;
	everywhere_run(start_sleeper);
	while (__atomic_load_n(&sleepers, __ATOMIC_ACQUIRE) != cpus_online()) {
		struct sleep sleep = {.has_fired = false};

		block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
	}
	EXPECT(timer_interrupts_of(1) > 0);
}
