/*
 * What shows text: a grid of cells that somebody draws. A driver that has a screen registers one. Rules for drivers:
 *  - The functions may be called in an emergency, also in the middle of one another: they take no lock, allocate
 *    nothing, and never reach outside of the screen. Cells outside of the grid are never asked for.
 *  - Screen memory is never read. Who needs to know what is there remembers it.
 *  - When it is registered, a display shows blanks, CELL_BLANK everywhere.
 */
#ifndef DEV_DISPLAY_H
#define DEV_DISPLAY_H

#include <stdbool.h>

#include "dev/cell.h"

struct display {
	const char *name;
	unsigned int columns, rows;
	/* Draws `count` cells of one row, from `column` on. */
	void (*draw)(struct display *display, unsigned int column, unsigned int row, const struct cell *cells,
	        unsigned int count);
	/*
	 * Moves the picture up by `lines` (1 to rows - 1), cheaply; the rows that appear below are CELL_BLANK. False:
	 * the picture stays as it was, and the caller draws what differs. NULL: it never can.
	 */
	bool (*scroll)(struct display *display, unsigned int lines);
	/* Puts the cursor there, or hides it. It is the last call whenever something was drawn: who keeps back what he
	 * drew shows it now. */
	void (*move_cursor)(struct display *display, unsigned int column, unsigned int row, bool visible);
};

/* [init] The display, which lives for ever, may be drawn to from now on. */
void display_register(struct display *display);

/* [any] The display that was registered first, or NULL. */
struct display *display_first(void);

#endif
