#include "core/log.h"

#include <stdarg.h>

#include "core/spinlock.h"
#include "lib/format.h"
#include "lib/string.h"
#include "linker.h"

#define SINKS_MAX 8

static SEALED const struct log_sink *sinks[SINKS_MAX];
static SEALED unsigned int sink_count;

static bool is_emergency;
static bool is_inside[SINKS_MAX]; /* a sink's emergency() has not returned */

static struct spinlock lock = SPINLOCK(RANK_LOG, "log");

bool log_add_sink(const struct log_sink *sink)
{
	if (sink_count == SINKS_MAX)
		return false;
	sinks[sink_count++] = sink;
	return true;
}

/* A sink that faults does not come back from there, and is left out of what is said about that and everything after. */
static void write_in_emergency(unsigned int sink, enum log_level level, const char *text, size_t length)
{
	if (is_inside[sink])
		return;
	is_inside[sink] = true;
	sinks[sink]->emergency(level, text, length);
	is_inside[sink] = false;
}

/* Who prints from within printing, such as an NMI, cannot wait for himself. */
static void write_to_sinks(enum log_level level, const char *text, size_t length)
{
	bool emergency = is_emergency || spin_holds(RANK_LOG);
	uint64_t flags = emergency ? 0 : spin_lock(&lock);

	for (unsigned int i = 0; i < sink_count; i++) {
		if (emergency)
			write_in_emergency(i, level, text, length);
		else
			sinks[i]->write(level, text, length);
	}
	if (!emergency)
		spin_unlock(&lock, flags);
}

/* Pieces of a line on their way to the sinks, which like whole lines better. */
struct line {
	enum log_level level;
	size_t length;
	char text[160];
};

static void flush_line(struct line *line)
{
	write_to_sinks(line->level, line->text, line->length);
	line->length = 0;
}

static void put_in_line(void *context, const char *text, size_t length)
{
	struct line *line = context;

	while (length > 0) {
		size_t room = sizeof(line->text) - line->length;
		size_t part = length < room ? length : room;

		memcpy(line->text + line->length, text, part);
		line->length += part;
		text += part;
		length -= part;
		if (line->length == sizeof(line->text))
			flush_line(line);
	}
}

void log_print(enum log_level level, const char *format, ...)
{
	struct line line;
	va_list args;

	line.level = level;
	line.length = 0;
	va_start(args, format);
	format_args(put_in_line, &line, format, args);
	va_end(args);
	flush_line(&line);
}

void log_enter_emergency(void)
{
	is_emergency = true;
}

void log_drain(void)
{
	for (unsigned int i = 0; i < sink_count; i++) {
		if (sinks[i]->drain != NULL)
			sinks[i]->drain();
	}
}
