/*
 * Lines that were entered, oldest first; when there are too many the oldest go. No line is in it twice.
 */
#ifndef TTY_LINE_HISTORY_H
#define TTY_LINE_HISTORY_H

#include <stddef.h>

#define LINE_HISTORY_SIZE 4096u

/* All zero: empty. The lines stand one behind the other, each with its zero byte; a position is an offset. */
struct line_history {
	size_t length;
	char text[LINE_HISTORY_SIZE];
};

/* [any] Makes the line the newest one. Empty lines are left out, as is what does not fit at all. */
void line_history_add(struct line_history *history, const char *line);

/* [any] The line before `*position` (at first: history->length), which moves there; NULL if that is the oldest. */
const char *line_history_previous(const struct line_history *history, size_t *position);

/* [any] The line behind the one at `*position`, which moves there; NULL at the end, where no line is. */
const char *line_history_next(const struct line_history *history, size_t *position);

#endif
