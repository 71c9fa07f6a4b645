#include "core/log.h"

#include <stdarg.h>

#include "core/spinlock.h"
#include "lib/format.h"
#include "lib/string.h"

static struct {
	struct log_sink *sinks;
	bool emergency;
} log;

void log_add_sink(struct log_sink *sink)
{
	struct log_sink **end = &log.sinks;

	while (*end != NULL)
		end = &(*end)->next;
	*end = sink;
}

static struct spinlock lock = SPINLOCK(RANK_LOG, "log");

/* A sink that faults does not come back from there, and is left out of what is said about that and everything after. */
static void write_in_emergency(struct log_sink *sink, enum log_level level, const char *text, size_t length)
{
	if (sink->in_emergency)
		return;
	sink->in_emergency = true;
	sink->emergency(level, text, length);
	sink->in_emergency = false;
}

/* Who prints from within printing, such as an NMI, cannot wait for himself. */
static void write_to_sinks(enum log_level level, const char *text, size_t length)
{
	bool emergency = log.emergency || spin_holds(RANK_LOG);
	uint64_t flags = emergency ? 0 : spin_lock(&lock);

	for (struct log_sink *sink = log.sinks; sink != NULL; sink = sink->next) {
		if (emergency)
			write_in_emergency(sink, level, text, length);
		else
			sink->write(level, text, length);
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
	log.emergency = true;
}

void log_drain(void)
{
	for (struct log_sink *sink = log.sinks; sink != NULL; sink = sink->next) {
		if (sink->drain != NULL)
			sink->drain();
	}
}
