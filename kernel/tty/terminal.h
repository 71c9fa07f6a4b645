/*
 * The terminal: bytes go in, a grid of cells comes out, and what of it has changed. Pure: it knows no display and no
 * clock, and the host tests run it. docs/console.md says which sequences it knows. Rules:
 *  - One at a time may be inside. But an NMI that prints in the middle of everything does no harm: whatever it finds,
 *    no cell outside of the grid is touched (terminal_cells.c).
 *  - Memory is the caller's, and stays his.
 */
#ifndef TTY_TERMINAL_H
#define TTY_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dev/display.h"
#include "lib/utf8.h"

#define TERMINAL_COLUMNS_MAX    512u
#define TERMINAL_ROWS_MAX       256u
#define TERMINAL_PARAMETERS_MAX 16u

/* Lines of cells in a ring: the screen, and above it what was scrolled out. */
struct terminal_lines {
	struct cell *cells; /* `count` lines; NULL: there are none */
	unsigned int count; /* at least as many as the screen has rows */
	unsigned int top;   /* the screen's first row */
	unsigned int kept;  /* lines above it that hold something, `count` - rows at most */
};

/* Cells of a row, from `from` to before `to`; none if they are the same. */
struct terminal_span {
	uint16_t from, to;
};

struct terminal_pen {
	uint8_t foreground, background, attributes;
	bool usual_foreground; /* `foreground` does not count: nobody asked for a colour */
};

/* What ESC 7 keeps and ESC 8 brings back. */
struct terminal_place {
	unsigned int column, row;
	struct terminal_pen pen;
	bool draws_lines[2];
	uint8_t set;
};

struct terminal {
	unsigned int columns, rows;
	struct terminal_lines main, alternate;
	struct terminal_lines *lines; /* the one of the two that is in use */

	unsigned int column, row; /* the cursor, always on the screen */
	bool wraps;               /* the last column was written: the next character begins a new line */
	unsigned int top, bottom; /* the scroll region: rows `top` to before `bottom` */
	struct terminal_pen pen;
	uint8_t usual_foreground; /* the colour of text for which nobody asked for one */
	bool draws_lines[2];      /* G0 and G1: line drawing instead of ASCII */
	uint8_t set;              /* the one in use */
	struct terminal_place saved;
	uint32_t tabs[TERMINAL_COLUMNS_MAX / 32];

	bool autowrap, origin, insert, new_line, cursor_visible;
	bool new_line_at_start; /* what a reset makes of new_line */

	uint8_t state;                        /* the parser's (terminal.c) */
	uint8_t marker, intermediate;         /* of the sequence under way; 0: none */
	uint8_t parameter;                    /* the one under way */
	bool is_sub[TERMINAL_PARAMETERS_MAX]; /* a colon stands before it */
	bool is_given[TERMINAL_PARAMETERS_MAX];
	uint16_t parameters[TERMINAL_PARAMETERS_MAX];
	struct utf8 utf8;

	unsigned int view; /* lines that the view is above the screen */
	unsigned int scrolled;
	unsigned int changed_from, changed_to; /* only rows from here to before there have changed */
	struct terminal_span changed[TERMINAL_ROWS_MAX];

	void (*reply)(void *context, const char *text, size_t length);
	void *reply_context;
};

/*
 * [any] An empty terminal of 2 to TERMINAL_COLUMNS_MAX columns and 1 to TERMINAL_ROWS_MAX rows. `cells` has room for
 * `lines` lines: what is more than `rows` keeps lines that are scrolled out. `new_line`: a line feed also returns, as
 * in text of programs in C. Nothing has changed yet: the screen is taken for blank.
 */
void terminal_start(struct terminal *terminal, unsigned int columns, unsigned int rows, struct cell *cells,
        unsigned int lines, bool new_line);

/* [any] The same terminal with another size and memory, and with what of the screen fits. Everything has changed. */
void terminal_move(
        struct terminal *terminal, unsigned int columns, unsigned int rows, struct cell *cells, unsigned int lines);

/* [any] Room of columns x rows for the alternate screen (DECSET 1049); without it there is none. */
void terminal_set_alternate(struct terminal *terminal, struct cell *cells);

/* [any] Answers to ESC[6n and its like go there, as what somebody types; without it nobody answers. */
void terminal_set_reply(
        struct terminal *terminal, void (*reply)(void *context, const char *text, size_t length), void *context);

/* [any] Takes bytes, of which a character or a sequence may come in pieces. The view is the screen again. */
void terminal_write(struct terminal *terminal, const char *text, size_t length);

/* [any] Moves the view up by `lines`, or down if they are negative, as far as there are lines. */
void terminal_scroll_view(struct terminal *terminal, int lines);

/* [any] The cells of a row of the view; a row that is too large is the last. */
const struct cell *terminal_view_row(const struct terminal *terminal, unsigned int row);

/* [any] Is the cursor to be seen in the view? Then `row` is its row there; its column is terminal->column. */
bool terminal_view_cursor(const struct terminal *terminal, unsigned int *row);

/* [any] Takes note that all of the view has to be drawn. */
void terminal_change_all(struct terminal *terminal);

#endif
