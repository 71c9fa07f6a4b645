#include "menu_screens.h"

#include "bios.h"
#include "console.h"
#include "lib/format.h"
#include "menu_picture.h"
#include "menu_serial.h"
#include "video.h"

#define CRTC 0x3d4

static struct {
	struct canvas canvas;
	struct boot_text_screen text; /* base 0: there is none */
	uint16_t *kept;
	struct menu_picture picture; /* instead of the text screen, if its scale is not 0 */
	uint8_t colour;              /* the terminal's */
	uint32_t cursor;             /* where it was put */
} screens;

/* ---- the terminal ---- */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void to_serial(void *context, const char *text, size_t length)
{
	(void)context;
	menu_serial_write(text, length);
}

static void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	format_args(to_serial, NULL, format, args);
	va_end(args);
}

/* ECMA-48, 8.3.117 */
static const char *rendition(uint8_t attribute)
{
	switch (attribute) {
	case CANVAS_BRIGHT:
		return "\033[0;1m";
	case CANVAS_NOTE:
		return "\033[0;33m";
	case CANVAS_CHOSEN:
		return "\033[0;7m";
	default:
		return "\033[0m";
	}
}

static void draw_serial(unsigned row, unsigned column, const uint16_t *cells, unsigned count)
{
	say("\033[%u;%uH", row + 1, column + 1);
	for (unsigned i = 0; i < count; i++) {
		uint8_t c = cells[i], attribute = cells[i] >> 8;
		if (attribute != screens.colour)
			say("%s", rendition(attribute));
		screens.colour = attribute;
		say("%c", c >= ' ' && c <= '~' ? c : '?');
	}
}

/* ---- the PC's screen ---- */

static volatile uint16_t *vga(void)
{
	return (volatile uint16_t *)(uint32_t)screens.text.base;
}

static void draw_vga(unsigned cell, const uint16_t *cells, unsigned count)
{
	for (unsigned i = 0; vga() && i < count; i++)
		vga()[cell + i] = cells[i];
}

static void set_vga_cursor(unsigned cell)
{
	if (!vga())
		return;
	port_write16(CRTC, 0x0e | (cell & 0xff00));
	port_write16(CRTC, 0x0f | (cell & 0xff) << 8);
}

/* A picture has no cursor: what it covered is drawn again. */
static void move_drawn_cursor(uint32_t from, uint32_t to)
{
	const struct canvas *canvas = &screens.canvas;
	if (from != CANVAS_NO_CURSOR)
		menu_picture_draw(
		        &screens.picture, from / CANVAS_COLUMNS, from % CANVAS_COLUMNS, &canvas->shown[from], 1);
	if (to != CANVAS_NO_CURSOR)
		menu_picture_cursor(&screens.picture, to / CANVAS_COLUMNS, to % CANVAS_COLUMNS);
}

/* ---- both ---- */

static void draw(void *context, unsigned row, unsigned column, const uint16_t *cells, unsigned count)
{
	(void)context;
	if (screens.picture.scale)
		menu_picture_draw(&screens.picture, row, column, cells, count);
	else
		draw_vga(row * CANVAS_COLUMNS + column, cells, count);
	draw_serial(row, column, cells, count);
}

void menu_screens_show(void)
{
	uint32_t before = screens.cursor, now = screens.canvas.cursor;
	bool drawn = canvas_show(&screens.canvas, draw, NULL);
	if (now == before && (!drawn || now == CANVAS_NO_CURSOR))
		return;
	screens.cursor = now;
	if (screens.picture.scale)
		move_drawn_cursor(before, now);
	else
		set_vga_cursor(now);
	if (now == CANVAS_NO_CURSOR)
		say("\033[?25l");
	else
		say("\033[%u;%uH\033[?25h", now / CANVAS_COLUMNS + 1, now % CANVAS_COLUMNS + 1);
}

struct canvas *menu_screens_canvas(void)
{
	return &screens.canvas;
}

/* A terminal that has two screens (most do) keeps what was said so far on the other one. */
void menu_screens_begin(const char *command_line, uint16_t kept[CANVAS_CELLS])
{
	struct boot_framebuffer framebuffer;
	const char *log;
	uint32_t length;
	console_describe(&screens.text, &log, &length);
	screens.kept = kept;
	for (unsigned i = 0; vga() && i < CANVAS_CELLS; i++)
		kept[i] = vga()[i];
	screens.picture.scale = 0;
	if (video_start_menu(command_line, &framebuffer))
		menu_picture_begin(&screens.picture, &framebuffer, video_font());
	say("\033[?1049h\033[0m\033[2J");
	screens.colour = CANVAS_PLAIN;
	screens.cursor = 0; /* anywhere but where it shall be */
	canvas_begin(&screens.canvas);
}

void menu_screens_end(void)
{
	if (screens.picture.scale)
		video_end_menu();
	draw_vga(0, screens.kept, CANVAS_CELLS);
	set_vga_cursor(screens.text.cursor_row * CANVAS_COLUMNS + screens.text.cursor_column);
	say("\033[0m\033[?25h\033[25;1H\033[?1049l\r\n");
}
