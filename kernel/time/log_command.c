/*
 * log [LEVEL] [TEXT]: the last lines of the log.
 */
#include <stddef.h>

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

/* Lines carry the time-stamp counter: that of now tells when they were said. */
static void print_line(struct command_output *output, const struct log_line *line)
{
	uint64_t hz = clock_sources_tsc()->hz;
	uint64_t ago = hz != 0 ? clock_to_ns(cpu_read_tsc() - line->stamp, clock_scale(hz)) : 0;
	uint64_t now = clock_monotonic_ns(), ms = now > ago ? (now - ago) / 1000000 : 0;

	if (hz != 0)
		command_print(output, "%6lu.%03lu %c ", ms / 1000, ms % 1000, " *.WE"[line->level]);
	else
		command_print(output, "%c ", " *.WE"[line->level]);
	command_print(output, "%s\n", line->text);
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	unsigned int rank = count > 1 ? find_level(words[1]) : LEVELS;
	unsigned int next = rank < LEVELS ? 2 : 1;
	const char *text = count > next ? words[next] : "";
	uint32_t position = 0;
	struct log_line line;
	bool found = false;

	if (count > next + 1)
		return command_refuse(output, words[0]);
	while (log_read(&position, &line)) {
		if ((rank < LEVELS && rank_of(line.level) < rank) || !contains(line.text, text))
			continue;
		print_line(output, &line);
		found = true;
	}
	if (!found)
		command_print(output, "There is no such line in the log.\n");
	return 0;
}

MONITOR_COMMAND(log, "[LEVEL] [TEXT]", "the last lines; LEVEL: detail, info, warning or error", print);
