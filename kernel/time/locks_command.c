/*
 * locks: how often spinlocks were taken, who held them longest, and how long interrupts were off.
 */
#include "core/cpus.h"
#include "core/lines.h"
#include "core/lock_statistics.h"
#include "core/monitor_command.h"
#include "core/symbols.h"
#include "interrupts_off.h"
#include "lib/format.h"
#include "lib/string.h"
#include "time/clock.h"
#include "time/clock_sources.h"

#define COLUMNS 80 /* of a screen */

static uint64_t to_ns(uint64_t ticks)
{
	uint64_t hz = clock_sources_tsc()->hz;

	return hz != 0 ? clock_to_ns(ticks, clock_scale(hz)) : ticks;
}

/* Behind so many columns; in a line of its own, as far right, where there is no room. */
static void print_place(struct command_output *output, size_t column, uintptr_t place)
{
	char text[SYMBOLS_TEXT_MAX], line[LINES_TEXT_MAX];
	size_t length;

	symbols_describe_caller(place, text);
	lines_describe(place, line);
	length = strlen(text) + strlen(line);
	if (column + length > COLUMNS)
		command_print(output, "\n%*s", length < COLUMNS ? (int)(COLUMNS - length) : 0, "");
	command_print(output, "%s%s\n", text, line);
}

static void print_lock(struct command_output *output, const struct lock_statistics *lock)
{
	char row[COLUMNS];
	size_t length = format_string(row, sizeof(row), "%-17s %4d %6lu %6lu %6lu %7lu %4lu  ", lock->name,
	        (int)lock->rank, lock->taken, lock->contended, to_ns(lock->longest_wait) / 1000,
	        to_ns(lock->longest) / 1000, lock->too_long);

	command_print(output, "%s", row);
	print_place(output, length, lock->place);
}

static void print_interrupts_off(struct command_output *output, uint32_t cpu)
{
	const struct interrupts_off *its = interrupts_off_of(cpu);
	uint64_t ns = to_ns(its->longest);
	char row[COLUMNS];
	size_t length;

	if (its->longest == 0)
		return;
	length = format_string(
	        row, sizeof(row), "CPU %u had interrupts off for %lu.%03lu us, from ", cpu, ns / 1000, ns % 1000);
	command_print(output, "%s", row);
	print_place(output, length, its->begins);
	command_print(output, "%*s ", (int)length - 1, "to");
	print_place(output, length, its->ends);
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	struct lock_statistics lock;
	uint32_t number = 0;

	if (count != 1)
		return command_refuse(output, words[0]);
	if (!lock_statistics_get(0, &lock)) {
		command_print(output, "Only a debug build counts: make DEBUG=1.\n");
		return 0;
	}
	command_print(output, "lock              rank  taken waited for us held us long  longest by\n");
	for (; lock_statistics_get(number, &lock); number++) {
		if (lock.longest > 0) /* else another CPU is only about to take it for the first time */
			print_lock(output, &lock);
	}
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu))
			print_interrupts_off(output, cpu);
	}
	return 0;
}

MONITOR_COMMAND(locks, "", "debug build: who held locks, kept interrupts off longest", print);
