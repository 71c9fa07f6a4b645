#include "drivers/vga_text.h"

#include <stddef.h>

#include "cpu.h"
#include "dev/display.h"
#include "dev/palette.h"
#include "lib/cp437.h"

/* The CRT controller's index and data ports (colour modes); one write of 16 bits fills both. */
#define CRTC             0x3d4
#define CRTC_START_HIGH  0x0c
#define CRTC_START_LOW   0x0d
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW  0x0f

/* A cell: the character in the low byte, the colours in the high one. */
#define BLANK ((uint16_t)(COLOUR_FOREGROUND << 8 | ' '))

enum { WINDOW_CELLS = 0x8000 / 2, CELLS_MAX = 80 * 60 };

/*
 * The screen is a part of a window of 32 KiB, and moving it down by a line is writing the new line and the number of
 * the first cell. At the end of the window it begins anew; what is shown then comes from `shown`, for reading the
 * window is slow.
 */
static struct {
	struct display display;
	volatile uint16_t *window;
	unsigned int start;        /* the screen's first cell in the window */
	unsigned int first;        /* the screen's first row in `shown` */
	unsigned int told_start;   /* what the controller knows */
	uint16_t shown[CELLS_MAX]; /* a ring of rows */
} vga;

static uint16_t *shown_row(unsigned int row)
{
	return vga.shown + (size_t)((vga.first + row) % vga.display.rows) * vga.display.columns;
}

static void put(unsigned int column, unsigned int row, uint16_t cell)
{
	shown_row(row)[column] = cell;
	vga.window[vga.start + row * vga.display.columns + column] = cell;
}

/* The VGA counts blue, green, red where the palette counts red, green, blue. Blinking is its eighth bit of background:
 * there are no bright ones. */
static uint8_t vga_colour(uint8_t colour)
{
	uint8_t base = palette_nearest_base(colour);

	return (uint8_t)((base & 0xa) | (base & 1) << 2 | (base >> 2 & 1));
}

static uint8_t attribute(const struct cell *cell)
{
	struct cell_colours colours = palette_of_cell(cell);

	return (uint8_t)((vga_colour(colours.background) & 7) << 4 | vga_colour(colours.foreground));
}

static void vga_text_draw(
        struct display *display, unsigned int column, unsigned int row, const struct cell *cells, unsigned int count)
{
	(void)display;
	for (unsigned int i = 0; i < count; i++)
		put(column + i, row, (uint16_t)(attribute(&cells[i]) << 8 | cp437_from_unicode(cells[i].character)));
}

static void begin_anew(unsigned int rows)
{
	vga.start = 0;
	for (unsigned int row = 0; row < rows; row++) {
		for (unsigned int column = 0; column < vga.display.columns; column++)
			vga.window[row * vga.display.columns + column] = shown_row(row)[column];
	}
}

static void clear_rows(unsigned int from, unsigned int to)
{
	for (unsigned int row = from; row < to; row++) {
		for (unsigned int column = 0; column < vga.display.columns; column++)
			put(column, row, BLANK);
	}
}

static bool vga_text_scroll(struct display *display, unsigned int lines)
{
	unsigned int rows = display->rows, start = vga.start + lines * display->columns;

	vga.first = (vga.first + lines) % rows;
	if (start + rows * display->columns <= WINDOW_CELLS)
		vga.start = start;
	else
		begin_anew(rows - lines);
	clear_rows(rows - lines, rows);
	return true;
}

static void tell(uint8_t high_register, unsigned int value)
{
	cpu_out16(CRTC, (uint16_t)((value & 0xff00) | high_register));
	cpu_out16(CRTC, (uint16_t)(value << 8 | (high_register + 1u)));
}

/* A hidden cursor is one behind the screen. */
static void vga_text_move_cursor(struct display *display, unsigned int column, unsigned int row, bool visible)
{
	unsigned int cell = visible ? row * display->columns + column : display->rows * display->columns;

	if (vga.start != vga.told_start)
		tell(CRTC_START_HIGH, vga.start);
	vga.told_start = vga.start;
	tell(CRTC_CURSOR_HIGH, vga.start + cell);
}

void vga_text_start(const struct boot_text_screen *screen)
{
	if (screen->base == 0 || screen->columns == 0 || screen->rows == 0 ||
	        (unsigned int)screen->columns * screen->rows > CELLS_MAX)
		return;
	vga.window = (volatile uint16_t *)screen->base_virtual;
	vga.display = (struct display){.name = "VGA text",
	        .columns = screen->columns,
	        .rows = screen->rows,
	        .draw = vga_text_draw,
	        .scroll = vga_text_scroll,
	        .move_cursor = vga_text_move_cursor};
	clear_rows(0, screen->rows);
	display_register(&vga.display);
}
