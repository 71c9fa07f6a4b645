/*
 * log [LEVEL] [TEXT]: the last lines of the log. log previous [LEVEL] [TEXT]: those of the run before this one.
 */
#include <stddef.h>

#include "core/black_box.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "cpu.h"
#include "lib/string.h"
#include "time/clock.h"
#include "time/clock_sources.h"

/* From the least important on. A title is as important as what stands below it. */
static const char *const levels[] = {"detail", "info", "warning", "error"};
#define LEVELS (sizeof(levels) / sizeof(levels[0]))

static unsigned int rank_of(uint8_t level)
{
	switch (level) {
	case LOG_DETAIL:
		return 0;
	case LOG_WARNING:
		return 2;
	case LOG_ERROR:
		return 3;
	default:
		return 1;
	}
}

/* LEVELS if it is none. */
static unsigned int find_level(const char *word)
{
	unsigned int rank = 0;

	while (rank < LEVELS && strcmp(word, levels[rank]) != 0)
		rank++;
	return rank;
}

static bool contains(const char *text, const char *part)
{
	size_t length = strlen(part);

	for (; strlen(text) >= length; text++) {
		if (strncmp(text, part, length) == 0)
			return true;
	}
	return false;
}

/* Which lines are wanted. */
struct filter {
	unsigned int rank; /* LEVELS: all */
	const char *text;
};

/* [LEVEL] [TEXT]; false if there are more words. */
static bool read_filter(struct filter *filter, unsigned int count, char *const words[])
{
	filter->rank = count > 0 ? find_level(words[0]) : LEVELS;
	if (filter->rank < LEVELS) {
		count--;
		words++;
	}
	filter->text = count > 0 ? words[0] : "";
	return count <= 1;
}

static bool passes(const struct filter *filter, const struct log_line *line)
{
	return (filter->rank == LEVELS || rank_of(line->level) >= filter->rank) && contains(line->text, filter->text);
}

static char mark_of(uint8_t level)
{
	static const char marks[] = " *.WE";

	return level <= LOG_ERROR ? marks[level] : '?';
}

static void print_line(struct command_output *output, uint8_t level, const char *text, bool timed, uint64_t ms)
{
	if (timed)
		command_print(output, "%6lu.%03lu ", ms / 1000, ms % 1000);
	command_print(output, "%c %s\n", mark_of(level), text);
}

/* Lines carry the time-stamp counter: that of now tells when they were said. */
static bool print_log(struct command_output *output, const struct filter *filter)
{
	uint64_t hz = clock_sources_tsc()->hz;
	uint32_t position = 0;
	struct log_line line;
	bool found = false;

	while (log_read(&position, &line)) {
		uint64_t ago = hz != 0 ? clock_to_ns(cpu_read_tsc() - line.stamp, clock_scale(hz)) : 0;
		uint64_t now = clock_monotonic_ns();

		if (!passes(filter, &line))
			continue;
		print_line(output, line.level, line.text, hz != 0, now > ago ? (now - ago) / 1000000 : 0);
		found = true;
	}
	return found;
}

/* ---- the run before ---- */

static void print_words(struct command_output *output, const char *what, const char *text, size_t length)
{
	char line[BLACK_BOX_LINE_MAX + 1];

	if (black_box_next_line(&text, text + length, line))
		command_print(output, "%s: %s\n", what, line);
}

/* How it ended, and what ran. */
static void print_ending(struct command_output *output, const struct black_box_run *run)
{
	const char *text;
	size_t length;

	command_print(output, "Run %u since the power came (kernel %08x) %s.\n", run->number, run->build,
	        black_box_ending(black_box_state(run)));
	text = black_box_command(run, &length);
	print_words(output, "Command", text, length);
	text = black_box_task(run, &length);
	print_words(output, "Task", text, length);
}

/* Times count from its first line: nobody knows how its clocks stood. */
static bool print_previous_log(
        struct command_output *output, const struct black_box_run *run, const struct filter *filter)
{
	uint64_t hz = clock_sources_tsc()->hz, first = 0;
	const struct log_ring *ring = black_box_log(run);
	uint32_t position = 0;
	struct log_line line;
	bool found = false;

	while (ring != NULL && log_ring_next(ring, &position, &line)) {
		const char *next = line.text;
		char text[BLACK_BOX_LINE_MAX + 1];

		if (first == 0)
			first = line.stamp;
		if (!passes(filter, &line) || !black_box_next_line(&next, next + line.length, text))
			continue;
		print_line(output, line.level, text, hz != 0 && line.stamp >= first,
		        hz != 0 ? clock_to_ns(line.stamp - first, clock_scale(hz)) / 1000000 : 0);
		found = true;
	}
	return found;
}

static void print_report(struct command_output *output, const struct black_box_run *run)
{
	char line[BLACK_BOX_LINE_MAX + 1];
	size_t length;
	const char *text = black_box_report(run, &length), *end = text + length;

	while (black_box_next_line(&text, end, line))
		command_print(output, "%s\n", line);
}

static int print_previous(struct command_output *output, unsigned int count, char *const words[])
{
	const struct black_box_run *run = black_box_previous();
	struct filter filter;

	if (!read_filter(&filter, count, words))
		return command_refuse(output, "log");
	if (run == NULL) {
		command_print(output, black_box_is_there()
		                              ? "There is nothing of an earlier run: the memory was without power.\n"
		                              : "There is no black box: this machine has no room for one.\n");
		return 0;
	}
	print_ending(output, run);
	if (!print_previous_log(output, run, &filter))
		command_print(output, "There is no such line in its log.\n");
	if (filter.rank == LEVELS && filter.text[0] == '\0')
		print_report(output, run);
	return 0;
}

/* ---- the command ---- */

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	struct filter filter;

	if (count > 1 && strcmp(words[1], "previous") == 0)
		return print_previous(output, count - 2, words + 2);
	if (!read_filter(&filter, count - 1, words + 1))
		return command_refuse(output, words[0]);
	if (!print_log(output, &filter))
		command_print(output, "There is no such line in the log.\n");
	return 0;
}

MONITOR_COMMAND(log, "[previous] [LEVEL] [TEXT]", "the last lines; LEVEL: detail, info, warning or error", print);
