/*
 * Any bytes to a terminal of any size, drawn now and then, also in the middle of drawing: every index stays inside (the
 * sanitizers see to that), the cursor on the screen, and the display shows what the terminal holds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/palette.h"
#include "tty/painter.h"

#define COLUMNS_MAX 24u
#define ROWS_MAX    12u
#define MORE_LINES  6u
#define CELLS_MAX   (COLUMNS_MAX * ROWS_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cell displayed[CELLS_MAX];
static struct terminal terminal;
static struct painter painter;
static unsigned int nmi_in; /* an NMI comes in the middle of the drawing that counts this down to 0 */

static void draw(
        struct display *display, unsigned int column, unsigned int row, const struct cell *cells, unsigned int count)
{
	if (row >= display->rows || column >= display->columns || count > display->columns - column)
		abort();
	for (unsigned int i = 0; i < count; i++) {
		struct cell_colours colours = palette_of_cell(&cells[i]);

		if (palette_nearest_base(colours.foreground) >= PALETTE_BASE || cell_look(&cells[i]) >> 24 != 0)
			abort();
	}
	if (nmi_in > 0 && --nmi_in == 0) {
		terminal_write(&terminal, "\nNMI\n", 5);
		painter_draw_now(&painter);
	}
	memcpy(displayed + row * display->columns + column, cells, count * sizeof(cells[0]));
}

static void blank(struct cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cells[i] = CELL_BLANK;
}

/* Three lines at once are too many for it. */
static bool scroll(struct display *display, unsigned int lines)
{
	size_t all = display->columns * display->rows, moved = display->columns * lines;

	if (lines == 0 || lines >= display->rows)
		abort();
	if (lines == 3)
		return false;
	memmove(displayed, displayed + moved, (all - moved) * sizeof(displayed[0]));
	blank(displayed + all - moved, moved);
	return true;
}

static void move_cursor(struct display *display, unsigned int column, unsigned int row, bool visible)
{
	if (visible && (column >= display->columns || row >= display->rows))
		abort();
}

static void check(void)
{
	if (terminal.column >= terminal.columns || terminal.row >= terminal.rows || terminal.top >= terminal.bottom ||
	        terminal.bottom > terminal.rows)
		abort();
	for (unsigned int row = 0; row < terminal.rows; row++) {
		if (memcmp(displayed + row * painter.display->columns, terminal_view_row(&terminal, row),
		            terminal.columns * sizeof(displayed[0])) != 0)
			abort();
	}
}

static void take_reply(void *context, const char *text, size_t length)
{
	(void)context;
	if (length < 4 || text[0] != '\033')
		abort();
}

/* One NMI at most: each has everything drawn again, and an endless row of them is never done. */
static void draw_and_check(unsigned int drawings_to_nmi)
{
	nmi_in = drawings_to_nmi;
	painter_draw(&painter);
	nmi_in = 0;
	painter_draw_now(&painter);
	check();
}

/* A byte from C0h on is the beginning of a word, of which two more choose the rest: so sequences are found soon. */
static void say_word(uint8_t kind, uint8_t a, uint8_t b)
{
	static const char finals[] = "@ABCDEFGHIJKLMPSTXZ`abcdefghjklmnpqrsu";
	static const unsigned int modes[] = {4, 20, 6, 7, 25, 47, 1047, 1048, 1049};
	static const unsigned int graphics[] = {0, 1, 4, 7, 21, 22, 24, 27, 30, 38, 39, 40, 48, 49, 90, 100};
	char text[64];
	int length;

	switch (kind % 8) {
	case 0:
		length = snprintf(
		        text, sizeof(text), "\033[%u;%u%c", a % 32u, b % 32u, finals[kind % (sizeof(finals) - 1)]);
		break;
	case 1:
		length = snprintf(text, sizeof(text), "\033[%u%c", a % 8u, finals[b % (sizeof(finals) - 1)]);
		break;
	case 2:
		length = snprintf(text, sizeof(text), "\033[?%u%c", modes[a % 9], b % 2 ? 'h' : 'l');
		break;
	case 3:
		length = snprintf(text, sizeof(text), "\033[%u%c", modes[a % 2], b % 2 ? 'h' : 'l');
		break;
	case 4:
		length = snprintf(text, sizeof(text), "\033[%u;%u;%u%c%u;%um", graphics[a % 16] + a / 64, b % 8u, b,
		        b % 2 ? ';' : ':', a, a);
		break;
	case 5:
		length = (int)utf8_write(text, (uint32_t)a << 9 | b);
		break;
	case 6:
		length = snprintf(text, sizeof(text), "\033%c", "78DEHMc()]P[!Z"[a % 14]);
		break;
	default:
		length = snprintf(text, sizeof(text), "\033[%s",
		        (const char *[]){"!p", "?6n", "6n", "5n", "c", "3g", "2J", "38;2;1;2;3m"}[a % 8]);
		break;
	}
	terminal_write(&terminal, text, (size_t)length);
}

static void feed(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == 0xfe && i + 1 < size)
			terminal_scroll_view(&terminal, (int8_t)data[++i]);
		else if (data[i] == 0xfd && i + 1 < size)
			draw_and_check(data[++i] % 16u);
		else if (data[i] >= 0xfc)
			draw_and_check(0);
		else if (data[i] >= 0xc0 && i + 2 < size)
			say_word(data[i], data[i + 1], data[i + 2]), i += 2;
		else
			terminal_write(&terminal, (const char *)&data[i], 1);
	}
}

/* The first bytes say how large the terminal is; it is smaller than its display until half of the input is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct display display = {.name = "fuzz", .draw = draw, .scroll = scroll, .move_cursor = move_cursor};
	unsigned int columns, rows, lines;
	struct cell *cells, *alternate, *shown, *grown, *grown_shown;

	if (size < 4)
		return 0;
	columns = 2 + data[0] % (COLUMNS_MAX - 2);
	rows = 1 + data[1] % (ROWS_MAX - 1);
	lines = rows + data[2] % (MORE_LINES + 1);
	display.columns = columns + (data[3] & 1);
	display.rows = rows + (data[3] >> 1 & 1);
	if (data[3] & 4)
		display.scroll = NULL;
	cells = malloc(columns * lines * sizeof(cells[0]));
	shown = malloc(columns * rows * sizeof(cells[0]));
	grown = malloc(display.columns * (display.rows + MORE_LINES) * sizeof(cells[0]));
	grown_shown = malloc(display.columns * display.rows * sizeof(cells[0]));
	alternate = malloc(display.columns * display.rows * sizeof(cells[0]));
	blank(displayed, CELLS_MAX);
	terminal_start(&terminal, columns, rows, cells, lines, data[3] & 8);
	terminal_set_reply(&terminal, take_reply, NULL);
	painter_start(&painter, &terminal, &display, shown);
	data += 4;
	size -= 4;
	terminal_write(&terminal, (const char *)data, size / 2);
	feed(data, size / 2);
	terminal_move(&terminal, display.columns, display.rows, grown, display.rows + MORE_LINES);
	painter_move(&painter, columns, rows, grown_shown);
	terminal_set_alternate(&terminal, alternate);
	feed(data + size / 2, size - size / 2);
	draw_and_check(0);
	free(cells);
	free(alternate);
	free(shown);
	free(grown);
	free(grown_shown);
	return 0;
}
