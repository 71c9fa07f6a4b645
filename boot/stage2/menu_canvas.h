/*
 * A screen of 80 x 25 cells as it should be, and as the screens show it: only what differs is drawn. Pure: who can draw
 * is told by an operation.
 */
#ifndef STAGE2_MENU_CANVAS_H
#define STAGE2_MENU_CANVAS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define CANVAS_COLUMNS   80u
#define CANVAS_ROWS      25u
#define CANVAS_CELLS     (CANVAS_COLUMNS * CANVAS_ROWS)
#define CANVAS_NO_CURSOR CANVAS_CELLS

/* Attributes of VGA text: all there are here. */
enum canvas_colour { CANVAS_PLAIN = 0x07, CANVAS_BRIGHT = 0x0f, CANVAS_NOTE = 0x0e, CANVAS_CHOSEN = 0x70 };

struct canvas {
	uint16_t cell[CANVAS_CELLS], shown[CANVAS_CELLS]; /* character, attribute << 8 */
	uint32_t cursor;                                  /* the cell it stands in, or CANVAS_NO_CURSOR */
};

/* Blank, and nothing is known of what is shown. */
void canvas_begin(struct canvas *canvas);

void canvas_clear(struct canvas *canvas);

/* Text that begins there, cut off at the right margin. */
void canvas_print(struct canvas *canvas, unsigned row, unsigned column, enum canvas_colour colour, const char *format,
        ...) __attribute__((format(printf, 5, 6)));

/* `length` bytes in rows of `columns`, at most `rows` of them; returns how many there were. */
unsigned canvas_wrap(struct canvas *canvas, unsigned row, unsigned column, unsigned columns, unsigned rows,
        const char *text, uint32_t length);

/* Gives a row another colour. */
void canvas_colour_row(struct canvas *canvas, unsigned row, enum canvas_colour colour);

/* Has `draw` called for each run of cells that are not shown as they should be. False: all are. */
bool canvas_show(struct canvas *canvas,
        void (*draw)(void *context, unsigned row, unsigned column, const uint16_t *cells, unsigned count),
        void *context);

#endif
