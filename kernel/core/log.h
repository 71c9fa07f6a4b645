/*
 * What the kernel says. Text goes to every sink: the places where words can leave, which drivers add. The last lines
 * are kept.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/log_ring.h"

enum log_level {
	LOG_INFO,
	LOG_TITLE,   /* stands out */
	LOG_DETAIL,  /* stands back */
	LOG_WARNING, /* odd, but we go on */
	LOG_ERROR,
};

/* Text is not ended by a zero byte; '\n' ends a line. */
struct log_sink {
	void (*write)(enum log_level level, const char *text, size_t length);
	/* The same when nothing can be relied on: polled, takes no lock, never allocates. */
	void (*emergency)(enum log_level level, const char *text, size_t length);
	/* Waits (bounded) until what was written has left the machine; NULL where that is at once. */
	void (*drain)(void);
	/*
	 * write() of raw text, which may leave the machine later, but before what is written after it. NULL: write()
	 * takes that, too.
	 */
	void (*write_later)(const char *text, size_t length);
	/* How many bytes write_later() takes without waiting; NULL: any number. */
	size_t (*room)(void);
};

/* Where lines are kept. */
struct log_keeper {
	struct log_ring *ring;
	void (*kept)(uint32_t changed); /* after each addition to the ring: from that position on it is another */
	/* Text of a system that goes down, which the ring does not get. Takes no lock, never allocates. */
	void (*emergency)(const char *text, size_t length);
};

/* [init] Before anything is printed: lines are kept there, and not where the next reset would forget them. The keeper
 * lives for ever. */
void log_keep_in(const struct log_keeper *keeper);

/*
 * [init] From now on the sink, which lives for ever, gets all text, after the sinks that are there already. False if
 * there are too many.
 */
bool log_add_sink(const struct log_sink *sink);

/* [irq] Formats (lib/format.h) and writes. The text should end a line: then sinks write whole lines. */
void log_print(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_info(...)    log_print(LOG_INFO, __VA_ARGS__)
#define log_title(...)   log_print(LOG_TITLE, __VA_ARGS__)
#define log_detail(...)  log_print(LOG_DETAIL, __VA_ARGS__)
#define log_warning(...) log_print(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_print(LOG_ERROR, __VA_ARGS__)

/* [irq] The same for what is kept only, and not written to the sinks. */
void log_keep(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * [irq] Raw text, as it is, to all sinks: what is no line of the log, like the monitor's. It is not kept, and moves no
 * footer. ANSI escapes are passed on: a terminal understands them.
 */
void log_write(const char *text, size_t length);

/* [irq] How many bytes log_write() takes now without waiting for a slow sink. Who has much to say waits for room
 * himself: in log_write() nobody else can do anything meanwhile. */
size_t log_room(void);

/*
 * [task] What stands below the log's lines, like a line that is being edited: before a line of the log comes out, the
 * sinks get `hide` as by log_write(), and behind it `show`. Nothing is written now. The memory stays the caller's and
 * as it is until the next call has returned; NULL, 0: no footer.
 */
void log_set_footer(const char *hide, size_t hide_length, const char *show, size_t show_length);

/*
 * [task] Copies a line of those that are kept, with its enum log_level and the time-stamp counter when it was said, and
 * moves on to the next: from `*position` 0, the oldest, until it returns false.
 */
bool log_read(uint32_t *position, struct log_line *line);

/*
 * [irq] Keeps all sinks from being called, but for an emergency, until log_release(): for a sink that others than the
 * log work with. Returns the flags for it. Nobody prints in between.
 */
uint64_t log_hold(void);
void log_release(uint64_t flags);

/* [irq] The system is going down: from now on this CPU's text takes the sinks' emergency way, and other CPUs' none. */
void log_enter_emergency(void);

/* [irq] Waits until all sinks are empty. */
void log_drain(void);

#endif
