/*
 * A line on a terminal: a prompt, a text that may need several rows, and the cursor in it. It is drawn by ANSI escapes
 * (ECMA-48) that only move relative to the cursor: so it stands wherever the cursor was, and looks the same on every
 * terminal that has at least `columns`.
 */
#ifndef TTY_LINE_DRAWING_H
#define TTY_LINE_DRAWING_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_TEXT_MAX     1023u /* bytes of the text */
#define LINE_PROMPT_MAX   127u
#define LINE_COLUMNS_MIN  20u /* fewer are taken for these */
#define LINE_DRAWING_SIZE 1536u

struct line_place {
	unsigned int row, column; /* from where the prompt begins */
};

struct line_drawing {
	size_t text_length; /* bytes that show prompt and text; behind them stand those that take the cursor to its
	                       place */
	size_t length;
	struct line_place end, cursor;
	unsigned int columns;
	char bytes[LINE_DRAWING_SIZE];
	size_t hide_length;
	char hide[40]; /* bytes that make it disappear: the cursor is where the prompt began */
};

/* Bytes for a terminal. What does not fit is left out. */
struct line_bytes {
	size_t length;
	char bytes[LINE_DRAWING_SIZE + 64];
};

/* [any] Text at the end. */
void line_bytes_add(struct line_bytes *bytes, const char *text, size_t length);

/* [any] Draws `length` bytes of UTF-8 without control characters, and the cursor before the byte `cursor`. */
void line_drawing_make(struct line_drawing *drawing, unsigned int columns, const char *prompt, const char *text,
        size_t length, size_t cursor);

/* [any] The shortest way, nearly, from what `old` shows to `new`, which have equally many columns. */
void line_drawing_change(const struct line_drawing *old, const struct line_drawing *new, struct line_bytes *bytes);

/* [any] All of it, on an empty row where the cursor is at the left. */
void line_drawing_first(const struct line_drawing *drawing, struct line_bytes *bytes);

/* [any] From the cursor's place in the line to the beginning of the first row below it. */
void line_drawing_leave(const struct line_drawing *drawing, struct line_bytes *bytes);

/* [any] Bytes of the character at `text` with the marks that go with it, and the columns it takes; 0 at the end. */
size_t line_next_character(const char *text, size_t length, unsigned int *width);

#endif
