#include "drivers/vga_text.h"

#include <stddef.h>

#include "core/describer.h"
#include "cpu.h"
#include "dev/display.h"
#include "dev/palette.h"
#include "lib/cp437.h"
#include "lib/format.h"

/* The CRT controller's index and data ports (colour modes); one write of 16 bits fills both. */
#define CRTC             0x3d4
#define CRTC_START_HIGH  0x0c
#define CRTC_START_LOW   0x0d
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW  0x0f

/* A cell: the character in the low byte, the colours in the high one. */
#define BLANK ((uint16_t)(COLOUR_FOREGROUND << 8 | ' '))

/* Four cells: they take the way to the screen as fast as one. Modes have 40, 80 or 132 columns. */
struct four {
	uint64_t cells;
} __attribute__((packed, may_alias));

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

/* What `shown` has of a row goes to the window. The words around it have not changed. */
static void send(unsigned int row, unsigned int from, unsigned int to)
{
	const struct four *shown = (const struct four *)(const void *)shown_row(row);
	volatile struct four *window =
	        (volatile struct four *)(volatile void *)(vga.window + vga.start + (size_t)row * vga.display.columns);

	for (unsigned int i = from / 4; i < (to + 3) / 4; i++)
		window[i].cells = shown[i].cells;
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
	uint16_t *shown = shown_row(row) + column;
	uint64_t look = UINT64_MAX; /* of no cell */
	uint16_t high = 0;

	(void)display;
	for (unsigned int i = 0; i < count; i++) {
		if (cell_look(&cells[i]) != look) {
			look = cell_look(&cells[i]);
			high = (uint16_t)(attribute(&cells[i]) << 8);
		}
		shown[i] = high | cp437_from_unicode(cells[i].character);
	}
	send(row, column, column + count);
}

static void clear_rows(unsigned int from, unsigned int to)
{
	for (unsigned int row = from; row < to; row++) {
		struct four *shown = (struct four *)(void *)shown_row(row);

		for (unsigned int i = 0; i < vga.display.columns / 4; i++)
			shown[i].cells = BLANK * 0x0001000100010001ull;
		send(row, 0, vga.display.columns);
	}
}

static bool vga_text_scroll(struct display *display, unsigned int lines)
{
	unsigned int rows = display->rows, start = vga.start + lines * display->columns;

	vga.first = (vga.first + lines) % rows;
	vga.start = start + rows * display->columns <= WINDOW_CELLS ? start : 0;
	for (unsigned int row = 0; vga.start == 0 && row < rows - lines; row++)
		send(row, 0, display->columns);
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

static bool describe(uint64_t address, char *text, size_t size)
{
	uint64_t offset = address - (uint64_t)vga.window;

	if (offset >= WINDOW_CELLS * sizeof(vga.window[0]))
		return false;
	format_string(text, size, "the text screen's memory, byte %u", (unsigned int)offset);
	return true;
}

void vga_text_start(const struct boot_text_screen *screen)
{
	static struct describer describer = {.describe = describe};

	if (screen->base == 0 || screen->columns == 0 || screen->columns % 4 != 0 || screen->rows == 0 ||
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
	describer_add(&describer);
	display_register(&vga.display);
}
