/*
 * threads: what the threads do, or wait for.
 */
#include "core/cpus.h"
#include "core/monitor_command.h"
#include "cpu.h"
#include "lib/format.h"
#include "lib/string.h"
#include "task/migration.h"
#include "time/clock_sources.h"

/* Of a thread, at one moment; `what` and `name` of its wait outlive it. */
struct view {
	enum thread_state state;
	uint64_t ticks;          /* of the time-stamp counter, that it ran */
	const char *what, *name; /* NULL: not known, or none */
};

static const char *const state_words[] = {
        [THREAD_READY] = "ready", [THREAD_RUNS] = "runs", [THREAD_PARKED] = "waits", [THREAD_OVER] = "over"};

/* What a future that is no async function waits for first; else its own name. */
static void view_wait(struct view *view, const struct future *future)
{
	struct wait wait;

	if (future->type->waits == NULL || !future->type->waits(future, 0, &wait) || wait.child != NULL) {
		view->what = future->type->name;
		return;
	}
	view->what = wait.what;
	view->name = wait.name;
}

/* While the lock is held that is needed to run it: the future is on its stack, and both may be gone afterwards. One
 * that is woken may have been interrupted in the middle of a poll (task/migration.h). */
static struct view view_of(const struct thread *thread)
{
	uint64_t flags = cpu_interrupts_save();
	struct scheduler *home = migration_lock_home(thread);
	struct view view = {.state = thread->state, .ticks = scheduler_ticks(thread)};

	if (view.state == THREAD_PARKED && !thread->is_woken && thread->waits_for != NULL &&
	        future_is_pending(thread->waits_for))
		view_wait(&view, thread->waits_for);
	spin_unlock(&home->lock, flags);
	return view;
}

#define COLUMNS     80 /* of a screen */
#define INDENT      4
#define DETAILS_MAX (COLUMNS - INDENT)
#define PLACES_MAX  32 /* columns; what begins further right is left out */

static __attribute__((format(printf, 2, 3))) void append(char text[DETAILS_MAX], const char *format, ...)
{
	size_t length = strlen(text);
	va_list args;

	va_start(args, format);
	format_string_args(text + length, DETAILS_MAX - length, format, args);
	va_end(args);
}

static bool may_run_everywhere(const struct thread *thread)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu) && !cpu_set_has(&thread->affinity, cpu))
			return false;
	}
	return true;
}

/* "on 0-2,5": only where that is not everywhere, and no executor's, which never moves. */
static void append_places(char text[DETAILS_MAX], const struct thread *thread)
{
	const char *separator = "  on ";

	if (thread->own_priority == THREAD_EXECUTOR || may_run_everywhere(thread))
		return;
	for (uint32_t cpu = 0, first; cpu < cpus_count(); cpu++) {
		if (!cpu_set_has(&thread->affinity, cpu))
			continue;
		if (strlen(text) > PLACES_MAX) {
			append(text, ",...");
			return;
		}
		for (first = cpu; cpu + 1 < cpus_count() && cpu_set_has(&thread->affinity, cpu + 1);)
			cpu++;
		append(text, first == cpu ? "%s%u" : "%s%u-%u", separator, first, cpu);
		separator = ",";
	}
}

/* Where it may run and what it waits for: behind the rest, or in a line of its own if there is no room. */
static void print_details(
        struct command_output *output, const struct thread *thread, const struct view *view, size_t column)
{
	char text[DETAILS_MAX] = "";

	append_places(text, thread);
	if (view->what != NULL)
		append(text, "  %s%s%s", view->what, view->name != NULL ? " " : "",
		        view->name != NULL ? view->name : "");
	if (column + strlen(text) > COLUMNS)
		command_print(output, "\n%*s", INDENT - 2, "");
	command_print(output, "%s\n", text);
}

static const char *describe_class(const struct thread *thread, char text[16])
{
	if (thread->priority == THREAD_FAIR)
		format_string(text, 16, "weight %5u", thread->fair.weight);
	else if (thread->priority == THREAD_EXECUTOR)
		return "executor";
	else
		format_string(text, 16, "real time %2u", thread->priority);
	return text;
}

static void print_thread(struct command_output *output, const struct thread *thread, const struct view *view)
{
	uint64_t hz = clock_sources_tsc()->hz, us = hz != 0 ? clock_to_ns(view->ticks, clock_scale(hz)) / 1000 : 0;
	char line[COLUMNS], class[16];
	size_t length = format_string(line, sizeof(line), "%-19s %3u  %-5s %-12s %8lu %7lu.%03lu", thread->name,
	        thread->cpu, state_words[view->state], describe_class(thread, class), thread->switches, us / 1000,
	        us % 1000);

	command_print(output, "%s", line);
	print_details(output, thread, view, length);
}

static void print_sum(struct command_output *output, unsigned int threads, unsigned int slots)
{
	uint64_t switches = 0, halts = 0;

	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (!cpus_is_online(cpu))
			continue;
		switches += scheduler_on(cpu)->switches;
		halts += scheduler_on(cpu)->halts;
	}
	command_print(output, "%u thread%s in %u slot%s; %lu switch%s, %lu time%s asleep\n", threads,
	        format_plural(threads), slots, format_plural(slots), switches, switches == 1 ? "" : "es", halts,
	        format_plural(halts));
}

static int print_threads(struct command_output *output, unsigned int count, char *const words[])
{
	unsigned int slots = 0, threads = 0;

	if (count > 1)
		return command_refuse(output, words[0]);
	command_print(output, "thread              CPU  state class        switches          ms  on, waits for\n");
	for (struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread)) {
		struct view view = view_of(thread);

		slots++;
		if (view.state == THREAD_FREE)
			continue;
		threads++;
		print_thread(output, thread, &view);
	}
	print_sum(output, threads, slots);
	return 0;
}

MONITOR_COMMAND(threads, "", "threads: state, class, time, and what they wait for", print_threads);
