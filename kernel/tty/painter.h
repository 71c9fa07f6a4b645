/*
 * From a terminal to a display: draws what differs from what the display shows, in small orders. Whoever shares the
 * terminal with others takes an order while he has it for himself, and carries it out when he has given it back.
 */
#ifndef TTY_PAINTER_H
#define TTY_PAINTER_H

#include "tty/terminal.h"

struct painter {
	struct terminal *terminal;
	struct display *display;
	struct cell *shown; /* what the display shows: rows of cells, in a ring */
	unsigned int first; /* the one that is the display's first row */
	bool is_refused;    /* the display did not scroll */
	bool is_unfinished; /* something was drawn, and the cursor did not follow yet */
	bool is_under_way;  /* an order was taken, and not carried out yet */
	bool is_disturbed;  /* somebody drew in the middle of that: nobody knows what the display shows */
	unsigned int cursor_column, cursor_row;
	bool cursor_visible;
};

struct painter_order {
	enum { PAINTER_NOTHING, PAINTER_SCROLL, PAINTER_DRAW, PAINTER_CURSOR } kind;
	unsigned int column, row, count; /* PAINTER_SCROLL: `count` lines */
	bool visible;                    /* PAINTER_CURSOR */
};

/* [any] `shown` has room for the terminal's columns x rows, and is the painter's now. The display shows blanks. */
void painter_start(struct painter *painter, struct terminal *terminal, struct display *display, struct cell *shown);

/* [any] The terminal has another size, and `shown` is larger. What the display shows is the same. */
void painter_move(struct painter *painter, unsigned int old_columns, unsigned int old_rows, struct cell *shown);

/* [any] The next thing to do; PAINTER_NOTHING if the display shows the terminal. */
struct painter_order painter_next(struct painter *painter);

/* [any] Does it. */
void painter_carry_out(struct painter *painter, const struct painter_order *order);

/* [any] Draws everything that differs, with nobody else around. */
void painter_draw(struct painter *painter);

/* [any] The same in an emergency, perhaps in the middle of the functions above or between them: everything is drawn
 * again, and once more if they go on. */
void painter_draw_now(struct painter *painter);

#endif
