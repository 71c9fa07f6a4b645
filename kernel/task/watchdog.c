#include "task/watchdog.h"

#include <stdarg.h>

#include "backtrace.h"
#include "core/boot_word.h"
#include "core/cpus.h"
#include "core/log.h"
#include "core/panic.h"
#include "cpu.h"
#include "lib/format.h"
#include "lib/string.h"
#include "local_apic.h"
#include "preempt.h"
#include "task/executor.h"
#include "task/hung.h"
#include "task/scheduler.h"
#include "task/standstill.h"
#include "time/clock.h"
#include "time/timer.h"

#define SECONDS     10u
#define SECONDS_MAX 3600u
#define TEXT_MAX    120

bool watchdog_is_on;

/* Written before the watchdog is on. */
static bool is_the_end;
static uint64_t limit_ns = SECONDS * NS_PER_SECOND;

struct watch {
	struct timer timer;
	bool is_watching;   /* the timer is pending, or fires */
	uint64_t looked_ns; /* others read both */
	bool is_told;       /* that it did not look; others do that */
	struct standstill task, thread;
};
static PERCPU(struct watch, watch);

/* ---- reports ----------------------------------------------------------------------------------------------------- */

static __attribute__((format(printf, 2, 3))) void report(bool with_callers, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	format_string_args(text, sizeof(text), format, args);
	va_end(args);
	if (is_the_end)
		panic("Watchdog: %s", text);
	log_error("Watchdog: %s\n", text);
	if (with_callers)
		panic_print_callers(0, backtrace_here());
}

static unsigned int seconds(uint64_t ns)
{
	return (unsigned int)(ns / NS_PER_SECOND);
}

/* ---- looking, in the timer's interrupt: so no lock is held here -------------------------------------------------- */

/* A thread of real time may have the CPU in the middle of a turn: then it is the executor that is ready, and no task's
 * fault (task/hung.c). */
static void look_at_task(struct watch *mine, uint64_t now)
{
	const struct executor *executor = executor_here();
	bool has_turn = executor->current != NULL && scheduler_here()->current == executor->thread;

	if (standstill_is_too_long(&mine->task, has_turn, executor->polls, now, limit_ns))
		report(true, "task %s has not ended its turn for %u s.", task_future(executor->current)->type->name,
		        seconds(now - mine->task.since_ns));
}

/* Interrupts come, or nobody would look: so the thread itself does not let others run. */
static void look_at_thread(struct watch *mine, uint64_t now)
{
	const struct scheduler *here = scheduler_here();

	if (standstill_is_too_long(&mine->thread, preempt_depth() != 0 && preempt_is_wanted() && !here->is_idle,
	            here->switches + here->halts, now, limit_ns))
		report(true, "thread %s has let no other run for %u s.", here->current->name,
		        seconds(now - mine->thread.since_ns));
}

/* One that is awake looks twice in that time. The NMI makes it report where it is (core/fault.c). */
static void look_at_others(uint64_t now)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		struct watch *theirs = percpu_distances[cpu] != 0 ? percpu_of(watch, cpu) : NULL;
		uint64_t looked;

		if (cpu == percpu_cpu() || !cpus_is_online(cpu) ||
		        !__atomic_load_n(&theirs->is_watching, __ATOMIC_ACQUIRE))
			continue;
		looked = __atomic_load_n(&theirs->looked_ns, __ATOMIC_ACQUIRE);
		if (now < looked + 2 * limit_ns || __atomic_exchange_n(&theirs->is_told, true, __ATOMIC_ACQ_REL))
			continue;
		report(false, "CPU %u has taken no interrupt for %u s.", cpu, seconds(now - looked));
		local_apic_send(cpus_apic_id(cpu), LOCAL_APIC_NMI);
	}
}

static void report_hung(const char *text)
{
	report(false, "%s.", text);
}

/* One that sleeps takes no harm, and wakes nobody. */
static bool are_others_awake(void)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpu != percpu_cpu() && cpus_is_online(cpu) &&
		        !__atomic_load_n(&scheduler_on(cpu)->is_idle, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

static void look(struct timer *timer)
{
	struct watch *mine = percpu(watch);
	uint64_t now = clock_monotonic_ns();
	bool again;

	__atomic_store_n(&mine->looked_ns, now, __ATOMIC_RELEASE);
	__atomic_store_n(&mine->is_told, false, __ATOMIC_RELEASE);
	look_at_task(mine, now);
	look_at_thread(mine, now);
	look_at_others(now);
	again = hung_look(now, limit_ns, report_hung);
	/* In this order: another that wakes up now is seen here, or sees that nobody watches. */
	__atomic_store_n(&mine->is_watching, false, __ATOMIC_SEQ_CST);
	if (again || !scheduler_here()->is_idle || are_others_awake()) {
		__atomic_store_n(&mine->is_watching, true, __ATOMIC_RELEASE);
		timer_start(timer, now + limit_ns / 2);
	}
}

/* The next CPU, if no other looks: it has nothing to do but to be awake, and that starts its timer. */
static void wake_a_guard(void)
{
	uint32_t next = CPUS_MAX;

	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* this CPU is awake, and then looks */
	for (uint32_t i = 1; i < cpus_count(); i++) {
		uint32_t cpu = (percpu_cpu() + i) % cpus_count();

		if (!cpus_is_online(cpu))
			continue;
		if (__atomic_load_n(&percpu_of(watch, cpu)->is_watching, __ATOMIC_ACQUIRE))
			return;
		if (next == CPUS_MAX)
			next = cpu;
	}
	if (next != CPUS_MAX)
		wake(&scheduler_on(next)->first.waker);
}

static void begin_to_watch(struct watch *mine)
{
	uint64_t now = clock_monotonic_ns();

	mine->timer.fire = look;
	__atomic_store_n(&mine->looked_ns, now, __ATOMIC_RELEASE);
	__atomic_store_n(&mine->is_watching, true, __ATOMIC_RELEASE);
	timer_start(&mine->timer, now + limit_ns / 2);
}

/* Its own timer may be pending since it was awake last, and the others' have come to their end. */
void watchdog_look_later(void)
{
	struct watch *mine = percpu(watch);

	if (!mine->is_watching)
		begin_to_watch(mine);
	wake_a_guard();
}

/* ---- the word ---------------------------------------------------------------------------------------------------- */

static bool is_word(const char *value, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(value, word, length) == 0;
}

/* Cuts ":SECONDS" off, and returns whether it is none or a good one. */
static bool take_seconds(const char *value, size_t *length)
{
	size_t colon = 0;
	uint64_t number = 0;

	while (colon < *length && value[colon] != ':')
		colon++;
	if (colon == *length)
		return true;
	for (size_t i = colon + 1; i < *length && number <= SECONDS_MAX; i++) {
		if (value[i] < '0' || value[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(value[i] - '0');
	}
	if (number == 0 || number > SECONDS_MAX)
		return false;
	limit_ns = number * NS_PER_SECOND;
	*length = colon;
	return true;
}

static void start(const struct boot_info *info, const char *value, size_t value_length)
{
	size_t length = value_length;
	uint64_t flags;

	(void)info;
	if (is_word(value, length, "off"))
		return;
	if (!take_seconds(value, &length) || (!is_word(value, length, "report") && !is_word(value, length, "panic"))) {
		log_warning("watchdog=%.*s is not report, panic or off; behind a colon, seconds from 1 to %u.\n",
		        (int)value_length, value, SECONDS_MAX);
		return;
	}
	is_the_end = is_word(value, length, "panic");
	watchdog_is_on = true;
	flags = cpu_interrupts_save();
	watchdog_look_later();
	cpu_interrupts_restore(flags);
}

BOOT_WORD(watchdog, "watchdog=report, panic or off: what is done about what is stuck; report:3 after 3 seconds", start);
