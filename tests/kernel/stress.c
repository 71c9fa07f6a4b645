/*
 * stress=STORM:ROUNDS,SEED lets a storm loose so many times, on all CPUs: `all` is each of them in turn and then all at
 * once, `mixed` all at once. stress=STORM:90s,SEED goes on for so many seconds. Each round has a seed of its own, which
 * follows the one before, ends with a line, and has to leave every count of objects as it was. stress=STORM:1,SEED,bug
 * makes a mistake, which has to be found.
 *
 * Whether it hangs is looked at in a timer's interrupt, ten times a second, so that no thread has to be fit for it.
 */
#include "stress.h"

#include <stdarg.h>

#include "core/boot_word.h"
#include "core/cpus.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "core/panic.h"
#include "everywhere.h"
#include "lib/format.h"
#include "lib/string.h"
#include "machine_end.h"
#include "object_counts.h"
#include "task/executor.h"
#include "task/schedule_seed.h"
#include "task/sleep.h"
#include "task/timeout.h"
#include "time/clock.h"
#include "time/timer.h"

#define LOOK_NS      (NS_PER_SECOND / 10)
#define LOOKS_ASLEEP 40  /* without a step, while everybody sleeps and nobody is about to be woken */
#define LOOKS_AT_ALL 600 /* without a step, whatever they do: the host may be busy */
#define STORMS_MAX   16
#define REASON_MAX   120
#define NAME_MAX     16

struct storm stress_storms[] = {
        {.name = "create", .run = storm_create},
        {.name = "pingpong", .run = storm_ping_pong},
        {.name = "semaphores", .run = storm_semaphores},
        {.name = "mutexes", .run = storm_mutexes},
        {.name = "inversion", .run = storm_inversion},
        {.name = "affinity", .run = storm_affinity},
        {.name = "timers", .run = storm_timers, .has_time = true},
        {.name = "memory", .run = storm_memory},
        {.name = "hunger", .run = storm_hunger},
        {.name = "panic", .run = storm_panic, .has_time = true, .is_alone = true},
        {0},
};

static struct {
	char name[NAME_MAX];
	uint64_t seed; /* of this round */
	bool has_bug;
	unsigned int wrong; /* in this round */
	uint64_t steps;     /* in this round */
} now;

/* ---- for storms -------------------------------------------------------------------------------------------------- */

void stress_step(void)
{
	__atomic_fetch_add(&now.steps, 1, __ATOMIC_RELAXED);
}

void stress_fail(const char *format, ...)
{
	char reason[REASON_MAX];
	va_list args;

	va_start(args, format);
	format_string_args(reason, sizeof(reason), format, args);
	va_end(args);
	log_error("WRONG: %s\n", reason);
	__atomic_fetch_add(&now.wrong, 1, __ATOMIC_RELAXED);
}

/* SplitMix64, as in task/schedule_seed.c: these dice are the storm's own. */
uint32_t stress_roll(uint64_t *dice, uint32_t limit)
{
	uint64_t z = *dice += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z >> 32) * limit >> 32);
}

struct thread *stress_started(struct thread *thread)
{
	if (thread == NULL)
		panic("There is no memory for a thread.");
	return thread;
}

intptr_t stress_join(struct thread *thread)
{
	struct thread_join join = {.waker = NULL};

	return block_on(thread_join(&join, thread));
}

struct cpu_set stress_only(uint32_t cpu)
{
	struct cpu_set set = {0};

	cpu_set_add(&set, cpu);
	return set;
}

/* The CPUs of these tests' machines all come, and so have consecutive numbers. */
struct cpu_set stress_place(uint64_t *dice, uint32_t odds)
{
	struct cpu_set set;

	if (stress_roll(dice, odds) != 0)
		return stress_only(stress_roll(dice, cpus_online()));
	memset(&set, 0xff, sizeof(set));
	return set;
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

/* The word that repeats it. */
static void say_failed(void)
{
	log_error("FAILED: stress=%s:1,%lu%s\n", now.name, now.seed, now.has_bug ? ",bug" : "");
}

static void end_failed(void)
{
	say_failed();
	log_drain();
	machine_end(false);
}

static void write_to_log(struct command_output *output, const char *text, size_t length)
{
	(void)output;
	log_write(text, length);
}

static void run_command(const char *name)
{
	struct command_output output = {.write = write_to_log};
	char *words[] = {(char *)name, NULL};

	command_find(name)->run(&output, 1, words);
}

/* ---- does it hang? ----------------------------------------------------------------------------------------------- */

static struct {
	struct timer timer;
	uint64_t steps; /* at the last look */
	unsigned int looks;
} watch;

static bool waits_for_time(const struct thread *thread)
{
	const struct future *future = thread->waits_for;

	return future != NULL && (future->type == &sleep_type || future->type == &timeout_type);
}

/* Is anybody running, or about to: ready, woken, or waiting for a time? */
static bool is_anybody_awake(void)
{
	for (const struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread)) {
		if (thread->state == THREAD_READY || thread->state == THREAD_RUNS)
			return true;
		if (thread->state == THREAD_PARKED &&
		        ((__atomic_load_n(&thread->waker.state, __ATOMIC_RELAXED) & WAKER_QUEUED) ||
		                waits_for_time(thread)))
			return true;
	}
	return false;
}

static void report_hang(void)
{
	log_error("HANG: nothing has happened for %u seconds, after %lu steps\n",
	        (unsigned int)(watch.looks * LOOK_NS / NS_PER_SECOND), watch.steps);
	run_command("threads");
	run_command("tasks");
	end_failed();
}

static void look(struct timer *timer)
{
	uint64_t steps = __atomic_load_n(&now.steps, __ATOMIC_RELAXED);

	timer_start(timer, clock_monotonic_ns() + LOOK_NS);
	if (steps != watch.steps) {
		watch.steps = steps;
		watch.looks = 0;
		return;
	}
	watch.looks++;
	if (watch.looks >= LOOKS_AT_ALL || (watch.looks >= LOOKS_ASLEEP && !is_anybody_awake()))
		report_hang();
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

static intptr_t run_storm(void *argument)
{
	const struct storm *storm = argument;

	storm->run(storm);
	return 0;
}

static struct thread *begin(struct storm *storm, bool is_part)
{
	storm->seed = now.seed;
	storm->has_bug = now.has_bug;
	storm->is_part = is_part;
	return stress_thread(.name = storm->name, .run = run_storm, .argument = storm);
}

/* NULL: all that may be mixed. */
static void run_storms(struct storm *storm)
{
	struct thread *threads[STORMS_MAX];
	unsigned int count = 0;

	if (storm != NULL) {
		stress_join(begin(storm, false));
		return;
	}
	for (storm = stress_storms; storm->name != NULL; storm++) {
		if (!storm->is_alone)
			threads[count++] = begin(storm, true);
	}
	while (count > 0)
		stress_join(threads[--count]);
}

/* True if all went well. */
static bool run_round(struct storm *storm, const struct object_counts *before)
{
	bool is_seeded = cpus_online() == 1 && storm != NULL && !storm->has_time;

	format_string(now.name, sizeof(now.name), "%s", storm != NULL ? storm->name : "mixed");
	now.wrong = 0;
	__atomic_store_n(&now.steps, 0, __ATOMIC_RELAXED);
	if (is_seeded)
		schedule_seed_use(now.seed);
	run_storms(storm);
	if (is_seeded)
		schedule_seed_end();
	now.wrong += !object_counts_come_back(before, stress_step);
	log_info("storm %s: seed %lu, %lu steps", now.name, now.seed, now.steps);
	if (is_seeded)
		log_info(", schedule %08x of %lu", schedule_seed.check, schedule_seed.rolled);
	log_info(now.wrong == 0 ? "\n" : ", WRONG\n");
	if (now.wrong != 0)
		say_failed();
	return now.wrong == 0;
}

/* ---- the word ---------------------------------------------------------------------------------------------------- */

struct order {
	char name[NAME_MAX];
	uint64_t count, seed;
	bool is_seconds, has_bug;
};

static uint64_t read_number(const char **text, const char *end)
{
	uint64_t value = 0;

	for (; *text < end && **text >= '0' && **text <= '9'; (*text)++)
		value = value * 10 + (uint64_t)(**text - '0');
	return value;
}

static struct order read_order(const char *text, const char *end)
{
	struct order order = {.count = 1, .seed = 1};
	size_t length = 0;

	for (; text < end && *text != ':'; text++) {
		if (length < sizeof(order.name) - 1)
			order.name[length++] = *text;
	}
	if (text < end)
		text++;
	order.count = read_number(&text, end);
	order.is_seconds = text < end && *text == 's';
	text += order.is_seconds ? 2 : 1; /* and the comma */
	order.seed = read_number(&text, end);
	order.has_bug = text < end;
	return order;
}

static struct storm *find(const char *name)
{
	struct storm *storm = stress_storms;

	while (storm->name != NULL && strcmp(storm->name, name) != 0)
		storm++;
	return storm->name != NULL ? storm : NULL;
}

/* An order that lets nothing loose is no success: the machine ends. */
static void refuse_order(void)
{
	log_error("stress=STORM:ROUNDS,SEED has as a storm: all, mixed");
	for (const struct storm *storm = stress_storms; storm->name != NULL; storm++)
		log_error(", %s", storm->name);
	log_error(".\n");
	log_drain();
	machine_end(false);
}

static unsigned int run_all(const struct object_counts *before)
{
	unsigned int wrong = 0;

	for (struct storm *storm = stress_storms; storm->name != NULL; storm++) {
		if (!storm->is_alone)
			wrong += !run_round(storm, before);
	}
	return wrong + !run_round(NULL, before);
}

static void run(const struct boot_info *info, const char *value, size_t value_length)
{
	struct order order = read_order(value, value + value_length);
	bool is_all = strcmp(order.name, "all") == 0;
	struct storm *storm = find(order.name);
	struct object_counts before;
	uint64_t rounds = 0, end;
	unsigned int wrong = 0;

	if ((storm == NULL && !is_all && strcmp(order.name, "mixed") != 0) || order.count == 0)
		refuse_order();
	panic_set_end(end_failed);
	everywhere_start(info);
	object_counts_prepare();
	before = object_counts_take();
	now.has_bug = order.has_bug;
	watch.timer.fire = look;
	end = clock_monotonic_ns() + order.count * NS_PER_SECOND;
	timer_start(&watch.timer, clock_monotonic_ns() + LOOK_NS);
	before.of[OBJECT_TIMERS]++;
	for (now.seed = order.seed; order.is_seconds ? clock_monotonic_ns() < end : rounds < order.count;
	        now.seed++, rounds++)
		wrong += is_all ? run_all(&before) : !run_round(storm, &before);
	log_info("stress: %lu round%s on %u CPU%s, %u wrong\n", rounds, format_plural(rounds), cpus_online(),
	        format_plural(cpus_online()), wrong);
	log_drain();
	machine_end(wrong == 0);
}

BOOT_WORD(stress, "stress=STORM:ROUNDS,SEED or stress=STORM:SECONDSs,SEED: threads in a storm; with ,bug a wrong one",
        run);
