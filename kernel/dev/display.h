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
#include <stdint.h>

enum { CELL_BOLD = 1, CELL_UNDERLINE = 2, CELL_INVERSE = 4 };

/* Indices 0 to 7 are SGR's order (black, red, green, yellow, blue, magenta, cyan, white), 8 to 15 the bright ones. */
struct cell {
	uint32_t character;             /* Unicode; 0: the right half of the wide character before */
	uint8_t foreground, background; /* of the palette of 256 colours (dev/palette.h) */
	uint8_t attributes;             /* CELL_BOLD and so on */
	uint8_t unused;                 /* 0, so that cells can be compared as a whole */
};

_Static_assert(sizeof(struct cell) == sizeof(uint64_t), "a cell is one word");

#define COLOUR_FOREGROUND 7
#define COLOUR_BACKGROUND 0
#define CELL_BLANK        ((struct cell){' ', COLOUR_FOREGROUND, COLOUR_BACKGROUND, 0, 0})

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

/* [any] A cell as one word. */
static inline uint64_t cell_word(const struct cell *cell)
{
	uint64_t word;

	__builtin_memcpy(&word, cell, sizeof(word));
	return word;
}

/* [init] The display, which lives for ever, may be drawn to from now on. */
void display_register(struct display *display);

/* [any] The display that was registered first, or NULL. */
struct display *display_first(void);

#endif
