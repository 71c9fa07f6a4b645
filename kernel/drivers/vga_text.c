#include "drivers/vga_text.h"

#include <stddef.h>
#include <stdint.h>

#include "core/log.h"
#include "cpu.h"
#include "lib/string.h"

/* The CRT controller's index and data ports (colour modes) and the two registers used. */
#define CRTC_INDEX       0x3d4
#define CRTC_DATA        0x3d5
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW  0x0f

/* A cell: the character in the low byte, the colours in the high one. */
#define COLOURS(foreground, background) ((uint16_t)((background) << 12 | (foreground) << 8))
#define BLANK                           (COLOURS(7, 0) | ' ')

enum { BLACK = 0, GREY = 7, DARK_GREY = 8, RED = 12, YELLOW = 14, WHITE = 15 };

static const uint16_t level_colours[] = {
        [LOG_INFO] = COLOURS(GREY, BLACK),
        [LOG_TITLE] = COLOURS(WHITE, BLACK),
        [LOG_DETAIL] = COLOURS(DARK_GREY, BLACK),
        [LOG_WARNING] = COLOURS(YELLOW, BLACK),
        [LOG_ERROR] = COLOURS(RED, BLACK),
};

enum { CELLS_MAX = 80 * 60 };

/*
 * Reading the screen is slow and writing it not fast: everything happens in `wanted`, and only cells that differ from
 * what the screen shows are written.
 */
static struct {
	volatile uint16_t *screen;
	unsigned int columns, rows;
	unsigned int column, row; /* where the next character goes */
	unsigned int changed_row; /* no row above it, and none below `row`, differs from the screen */
	uint16_t wanted[CELLS_MAX];
	uint16_t shown[CELLS_MAX];
} vga;

static void scroll(void)
{
	size_t kept = (size_t)vga.columns * (vga.rows - 1);

	memmove(vga.wanted, vga.wanted + vga.columns, kept * sizeof(vga.wanted[0]));
	for (unsigned int i = 0; i < vga.columns; i++)
		vga.wanted[kept + i] = BLANK;
	vga.changed_row = 0;
}

/* Row and column never lie outside, not even for a moment: an NMI may print in the middle of this. */
static void new_line(void)
{
	vga.column = 0;
	if (vga.row + 1 < vga.rows)
		vga.row++;
	else
		scroll();
}

static void put(char c, uint16_t colours)
{
	if (c == '\n') {
		new_line();
		return;
	}
	if (vga.column >= vga.columns)
		new_line();
	vga.wanted[vga.row * vga.columns + vga.column++] = colours | (uint8_t)c;
}

static void show(void)
{
	for (unsigned int i = vga.changed_row * vga.columns; i < (vga.row + 1) * vga.columns; i++) {
		if (vga.wanted[i] != vga.shown[i])
			vga.screen[i] = vga.shown[i] = vga.wanted[i];
	}
	vga.changed_row = vga.row;
}

static void show_cursor(void)
{
	unsigned int cell = vga.row * vga.columns + vga.column;

	cpu_out8(CRTC_INDEX, CRTC_CURSOR_HIGH);
	cpu_out8(CRTC_DATA, (uint8_t)(cell >> 8));
	cpu_out8(CRTC_INDEX, CRTC_CURSOR_LOW);
	cpu_out8(CRTC_DATA, (uint8_t)cell);
}

static void vga_text_write(enum log_level level, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put(text[i], level_colours[level]);
	show();
	show_cursor();
}

/* Takes over what the loader left above and on its cursor's line; it cleared the rest. */
static void read_screen(unsigned int used_rows)
{
	for (unsigned int i = 0; i < vga.columns * vga.rows; i++) {
		vga.wanted[i] = i < vga.columns * used_rows ? vga.screen[i] : BLANK;
		vga.shown[i] = vga.wanted[i];
	}
}

void vga_text_start(const struct boot_text_screen *screen)
{
	static const struct log_sink sink = {.write = vga_text_write, .emergency = vga_text_write};

	if (screen->base == 0 || screen->columns == 0 || screen->rows == 0 ||
	        (unsigned int)screen->columns * screen->rows > CELLS_MAX || screen->cursor_row >= screen->rows)
		return;
	vga.screen = (volatile uint16_t *)screen->base_virtual;
	vga.columns = screen->columns;
	vga.rows = screen->rows;
	vga.row = vga.changed_row = screen->cursor_row;
	read_screen(vga.row + 1);
	if (screen->cursor_column != 0)
		new_line();
	log_add_sink(&sink);
}
