#include "core/log.h"

#include <stdarg.h>

#include "core/spinlock.h"
#include "cpu.h"
#include "lib/format.h"
#include "lib/string.h"
#include "linker.h"
#include "percpu.h"

#define SINKS_MAX 8

static SEALED const struct log_sink *sinks[SINKS_MAX];
static SEALED unsigned int sink_count;

static uint32_t emergency_of;     /* the number, and 1, of the CPU that says the last words; 0: there is no emergency */
static bool is_inside[SINKS_MAX]; /* a sink's emergency() has not returned */
static bool is_inside_keeper;

static SEALED const struct log_keeper *keeper; /* NULL: own_ring is all there is */

static struct spinlock lock = SPINLOCK(RANK_LOG, "log");

/* The rest is guarded by the lock. */
static struct log_ring own_ring;
static struct {
	const char *hide, *show;
	size_t hide_length, show_length;
	bool is_hidden; /* a line of the log has begun and not ended */
} footer;

void log_keep_in(const struct log_keeper *better)
{
	keeper = better;
}

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

static bool is_emergency(void)
{
	return __atomic_load_n(&emergency_of, __ATOMIC_RELAXED) != 0;
}

/* One that did not stop for the last words of another could only spoil them. */
static bool is_mute(void)
{
	return is_emergency() && __atomic_load_n(&emergency_of, __ATOMIC_RELAXED) != percpu_cpu() + 1;
}

/* Who prints from within printing, such as an NMI, cannot wait for himself; nor may he take a lock below another. */
static bool is_reckless(void)
{
	return is_emergency() || spin_held() >> RANK_LOG != 0;
}

static void write_recklessly(enum log_level level, const char *text, size_t length)
{
	for (unsigned int i = 0; length > 0 && i < sink_count; i++)
		write_in_emergency(i, level, text, length);
}

/* With the lock held. */
static void write_to_sinks(enum log_level level, const char *text, size_t length)
{
	for (unsigned int i = 0; length > 0 && i < sink_count; i++)
		sinks[i]->write(level, text, length);
}

/* With the lock held. */
static void write_raw_to_sinks(const char *text, size_t length)
{
	for (unsigned int i = 0; length > 0 && i < sink_count; i++) {
		if (sinks[i]->write_later != NULL)
			sinks[i]->write_later(text, length);
		else
			sinks[i]->write(LOG_INFO, text, length);
	}
}

/* With the lock held. */
static void write_above_footer(enum log_level level, const char *text, size_t length)
{
	bool line_ends = text[length - 1] == '\n';

	if (!footer.is_hidden)
		write_raw_to_sinks(footer.hide, footer.hide_length);
	write_to_sinks(level, text, length);
	if (line_ends)
		write_raw_to_sinks(footer.show, footer.show_length);
	footer.is_hidden = !line_ends;
}

/* First: the machine may end in the middle of the first sink. */
static void keep_in_emergency(const char *text, size_t length)
{
	if (!is_emergency() || keeper == NULL || is_inside_keeper)
		return;
	is_inside_keeper = true;
	keeper->emergency(text, length);
	is_inside_keeper = false;
}

/* The footer of a system that goes down is hidden for ever, by the first to say so. */
static void say_recklessly(enum log_level level, const char *text, size_t length)
{
	keep_in_emergency(text, length);
	if (!footer.is_hidden) {
		footer.is_hidden = true;
		write_recklessly(LOG_INFO, footer.hide, footer.hide_length);
	}
	write_recklessly(level, text, length);
}

static struct log_ring *ring_in_use(void)
{
	return keeper != NULL ? keeper->ring : &own_ring;
}

/* With the lock held. */
static void keep(enum log_level level, const char *text, size_t length)
{
	uint32_t changed = log_ring_add(ring_in_use(), (uint8_t)level, cpu_read_tsc(), text, length);

	if (keeper != NULL)
		keeper->kept(changed);
}

static void say(enum log_level level, bool is_shown, const char *text, size_t length)
{
	uint64_t flags;

	if (length == 0 || is_mute())
		return;
	if (is_reckless()) {
		if (is_shown)
			say_recklessly(level, text, length);
		return;
	}
	flags = spin_lock(&lock);
	keep(level, text, length);
	if (is_shown)
		write_above_footer(level, text, length);
	spin_unlock(&lock, flags);
}

void log_write(const char *text, size_t length)
{
	uint64_t flags;

	if (is_mute())
		return;
	if (is_reckless()) {
		write_recklessly(LOG_INFO, text, length);
		return;
	}
	flags = spin_lock(&lock);
	write_raw_to_sinks(text, length);
	spin_unlock(&lock, flags);
}

size_t log_room(void)
{
	size_t least = SIZE_MAX;

	for (unsigned int i = 0; i < sink_count; i++) {
		size_t room = sinks[i]->room != NULL ? sinks[i]->room() : SIZE_MAX;

		least = room < least ? room : least;
	}
	return least;
}

void log_set_footer(const char *hide, size_t hide_length, const char *show, size_t show_length)
{
	uint64_t flags = spin_lock(&lock);

	footer.hide = hide;
	footer.hide_length = hide_length;
	footer.show = show;
	footer.show_length = show_length;
	spin_unlock(&lock, flags);
}

bool log_read(uint32_t *position, struct log_line *line)
{
	uint64_t flags = spin_lock(&lock);
	bool found = log_ring_next(ring_in_use(), position, line);

	spin_unlock(&lock, flags);
	return found;
}

/* Pieces of a line on their way to the sinks, which like whole lines better. */
struct line {
	enum log_level level;
	bool is_shown;
	size_t length;
	char text[160];
};

static void flush_line(struct line *line)
{
	say(line->level, line->is_shown, line->text, line->length);
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

static void print(enum log_level level, bool is_shown, const char *format, va_list args)
{
	struct line line;

	line.level = level;
	line.is_shown = is_shown;
	line.length = 0;
	format_args(put_in_line, &line, format, args);
	flush_line(&line);
}

void log_print(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(level, true, format, args);
	va_end(args);
}

void log_keep(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(level, false, format, args);
	va_end(args);
}

uint64_t log_hold(void)
{
	return spin_lock(&lock);
}

void log_release(uint64_t flags)
{
	spin_unlock(&lock, flags);
}

void log_enter_emergency(void)
{
	__atomic_store_n(&emergency_of, percpu_cpu() + 1, __ATOMIC_RELAXED);
}

void log_drain(void)
{
	for (unsigned int i = 0; i < sink_count; i++) {
		if (sinks[i]->drain != NULL)
			sinks[i]->drain();
	}
}
