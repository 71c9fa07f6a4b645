#include "menu_canvas.h"

#include "lib/format.h"
#include "lib/string.h"

void canvas_begin(struct canvas *canvas)
{
	memset(canvas->shown, 0xff, sizeof canvas->shown);
	canvas_clear(canvas);
}

void canvas_clear(struct canvas *canvas)
{
	for (unsigned i = 0; i < CANVAS_CELLS; i++)
		canvas->cell[i] = CANVAS_PLAIN << 8 | ' ';
	canvas->cursor = CANVAS_NO_CURSOR;
}

struct pen {
	uint16_t *next, *end;
	enum canvas_colour colour;
};

/* A tab is a blank as any other: it may stand in a command line, and has no glyph. */
static void put(void *context, const char *text, size_t length)
{
	struct pen *pen = context;
	for (; length && pen->next < pen->end; length--, text++)
		*pen->next++ = (uint16_t)(pen->colour << 8 | (uint8_t)(*text == '\t' ? ' ' : *text));
}

void canvas_print(
        struct canvas *canvas, unsigned row, unsigned column, enum canvas_colour colour, const char *format, ...)
{
	uint16_t *line = canvas->cell + row * CANVAS_COLUMNS;
	struct pen pen = {line + column, line + CANVAS_COLUMNS, colour};
	va_list args;
	va_start(args, format);
	format_args(put, &pen, format, args);
	va_end(args);
}

unsigned canvas_wrap(struct canvas *canvas, unsigned row, unsigned column, unsigned columns, unsigned rows,
        const char *text, uint32_t length)
{
	unsigned count = 0;
	for (; length && count < rows; count++) {
		uint32_t part = length < columns ? length : columns;
		canvas_print(canvas, row + count, column, CANVAS_PLAIN, "%.*s", (int)part, text);
		text += part;
		length -= part;
	}
	return count;
}

void canvas_colour_row(struct canvas *canvas, unsigned row, enum canvas_colour colour)
{
	uint16_t *cell = canvas->cell + row * CANVAS_COLUMNS;
	for (unsigned i = 0; i < CANVAS_COLUMNS; i++)
		cell[i] = (uint16_t)(colour << 8 | (cell[i] & 0xff));
}

/* From the first cell that differs to the last: one run a row is as fast as a terminal needs it. */
static bool show_row(struct canvas *canvas, unsigned row,
        void (*draw)(void *context, unsigned row, unsigned column, const uint16_t *cells, unsigned count),
        void *context)
{
	uint16_t *cell = canvas->cell + row * CANVAS_COLUMNS, *shown = canvas->shown + row * CANVAS_COLUMNS;
	unsigned first = 0, end = CANVAS_COLUMNS;
	while (first < end && cell[first] == shown[first])
		first++;
	while (end > first && cell[end - 1] == shown[end - 1])
		end--;
	if (first == end)
		return false;
	draw(context, row, first, cell + first, end - first);
	memcpy(shown + first, cell + first, (end - first) * sizeof *cell);
	return true;
}

bool canvas_show(struct canvas *canvas,
        void (*draw)(void *context, unsigned row, unsigned column, const uint16_t *cells, unsigned count),
        void *context)
{
	bool drawn = false;
	for (unsigned row = 0; row < CANVAS_ROWS; row++)
		drawn |= show_row(canvas, row, draw, context);
	return drawn;
}
