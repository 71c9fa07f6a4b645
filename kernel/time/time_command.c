/*
 * time and date: the clocks.
 */
#include <stddef.h>

#include "core/monitor_command.h"
#include "time/clock.h"
#include "time/clock_sources.h"
#include "time/wall_clock.h"

static void print_source(struct command_output *output, const struct clock_source *source)
{
	const char *role = source == clock_source() ? ", is the clock" : source->given_up ? ", given up" : "";

	if (source->hz == 0)
		command_print(output, "%-10s  %18s\n", source->name, "not in use");
	else
		command_print(output, "%-10s  %6lu.%06lu MHz  %-8s  %2u bits%s\n", source->name, source->hz / 1000000,
		        source->hz % 1000000, source->is_exact ? "exact" : "measured", source->bits, role);
}

static int print_time(struct command_output *output, unsigned int count, char *const words[])
{
	uint64_t us = clock_monotonic_ns() / 1000;
	const struct clock_source *source;

	if (count != 1)
		return command_refuse(output, words[0]);
	command_print(output, "%lu.%06lu seconds since the loader began\n", us / 1000000, us % 1000000);
	for (unsigned int i = 0; (source = clock_sources_get(i)) != NULL; i++)
		print_source(output, source);
	return 0;
}

static int print_date(struct command_output *output, unsigned int count, char *const words[])
{
	char text[WALL_CLOCK_TEXT_MAX];

	if (count != 1)
		return command_refuse(output, words[0]);
	command_print(output, "%s\n", wall_clock_text(text));
	return 0;
}

MONITOR_COMMAND(time, "", "how long the system runs, and by which clock", print_time);
MONITOR_COMMAND(date, "", "date and time of day (UTC)", print_date);
