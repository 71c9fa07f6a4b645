/*
 * timers: what is to be done at a time.
 */
#include <stddef.h>

#include "core/monitor_command.h"
#include "core/symbols.h"
#include "time/clock.h"
#include "time/timer.h"

#define SHOWN_MAX 64u

static void swap(struct timer_view *a, struct timer_view *b)
{
	struct timer_view kept = *a;

	*a = *b;
	*b = kept;
}

/* By deadline. */
static void sort(struct timer_view *views, unsigned int count)
{
	for (unsigned int end = 1; end < count; end++) {
		for (unsigned int i = end; i > 0 && views[i].deadline_ns < views[i - 1].deadline_ns; i--)
			swap(&views[i], &views[i - 1]);
	}
}

static void print_timer(struct command_output *output, const struct timer_view *view, uint64_t now)
{
	uint64_t us = view->deadline_ns > now ? (view->deadline_ns - now) / 1000 : 0;
	char name[SYMBOLS_TEXT_MAX];

	if (view->deadline_ns == UINT64_MAX)
		command_print(output, "%14s", "never");
	else
		command_print(output, "%7lu.%06lu", us / 1000000, us % 1000000);
	command_print(output, "  %s\n", symbols_describe((uint64_t)view->fire, name));
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	const struct timer_event *event = timer_event();
	const struct clock_source *clock = clock_source();
	struct timer_view views[SHOWN_MAX];
	uint64_t now = clock_monotonic_ns();
	unsigned int pending, shown;

	if (count != 1)
		return command_refuse(output, words[0]);
	pending = timer_list(views, SHOWN_MAX);
	shown = pending < SHOWN_MAX ? pending : SHOWN_MAX;
	command_print(output, "clock %s, interrupts by %s: %lu so far\n", clock != NULL ? clock->name : "none",
	        event != NULL ? event->name : "nothing", timer_interrupts());
	command_print(output, "%u pending%s\n", pending, pending > 0 ? ":\n  in seconds    calls" : "");
	sort(views, shown);
	for (unsigned int i = 0; i < shown; i++)
		print_timer(output, &views[i], now);
	return 0;
}

MONITOR_COMMAND(timers, "", "pending timers, and what interrupts for them", print);
