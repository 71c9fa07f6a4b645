/*
 * What a line of text costs that scrolls a full screen: through the terminal and the painter to the display, without
 * the log's other sinks.
 */
#include "bench.h"

#include "dev/display.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "tty/painter.h"

#define LINES 400u /* the VGA's window of 32 KiB goes round twice */

static const char line[] = "a line of sixty characters, as long as many are in the log..\n";

static struct terminal terminal;
static struct painter painter;

/* A terminal of its own on the display, full of text. False if there is no display or no memory. */
static bool start(void)
{
	struct display *display = display_first();
	struct cell *cells, *shown;
	size_t size;

	if (display == NULL)
		return false;
	size = (size_t)display->columns * display->rows;
	cells = kmalloc_array(size, sizeof(cells[0]));
	shown = kmalloc_array(size, sizeof(shown[0]));
	if (cells == NULL || shown == NULL)
		return false;
	terminal_start(&terminal, display->columns, display->rows, cells, display->rows, true);
	painter_start(&painter, &terminal, display, shown);
	for (unsigned int i = 0; i < display->rows; i++)
		terminal_write(&terminal, line, sizeof(line) - 1);
	painter_draw(&painter);
	return true;
}

static void end(void)
{
	kfree(terminal.main.cells);
	kfree(painter.shown);
}

static void print_lines(bool draw_each)
{
	for (unsigned int i = 0; i < LINES; i++) {
		terminal_write(&terminal, line, sizeof(line) - 1);
		if (draw_each)
			painter_draw(&painter);
	}
	painter_draw(&painter);
}

static uint64_t cost_of_line(bool draw_each)
{
	uint64_t cost;

	if (!start())
		return 0;
	cost = BENCH_COST(print_lines(draw_each)) / LINES;
	end();
	return cost;
}

BENCH(console_line)
{
	return cost_of_line(true);
}

/* When many come between two turns of the task that draws. */
BENCH(console_line_of_many)
{
	return cost_of_line(false);
}
