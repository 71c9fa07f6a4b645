/*
 * What a line of scrolling text costs on the display there is, from the bytes
 * to the screen: in a terminal of its size, drawn after each line, after each
 * screenful, or once for a thousand lines, as when somebody prints them without
 * letting the painter come in between.
 */
#include "bench.h"

#include <stdbool.h>
#include <stddef.h>

#include "../bench/scroll_text.h"
#include "core/boot_word.h"
#include "core/log.h"
#include "core/panic.h"
#include "dev/display.h"
#include "machine_end.h"
#include "mm/heap.h"
#include "tty/painter.h"
#include "tty/terminal.h"

enum { WARM_UP = 200, LINES = 500, MANY = 1000 };

static struct terminal terminal;
static struct painter painter;
static char lines[SCROLL_LINES][SCROLL_LINE_SPACE];
static unsigned int lengths[SCROLL_LINES];

static void scroll(unsigned int count, unsigned int together)
{
	for (unsigned int i = 0; i < count; i++) {
		terminal_write(&terminal, lines[i % SCROLL_LINES], lengths[i % SCROLL_LINES]);
		if ((i + 1) % together == 0)
			painter_draw(&painter);
	}
}

/* A full screen of the text, on the first display; false if there is none. */
static bool start(void)
{
	struct display *display = display_first();
	struct cell *cells, *shown;
	size_t count;

	if (display == NULL)
		return false;
	count = (size_t)display->columns * display->rows;
	cells = kmalloc_array(count, sizeof(*cells));
	shown = kmalloc_array(count, sizeof(*shown));
	if (cells == NULL || shown == NULL)
		panic("Not enough memory for the cells of a console.");
	for (unsigned int i = 0; i < SCROLL_LINES; i++)
		lengths[i] = scroll_text_line(i, lines[i]);
	terminal_start(&terminal, display->columns, display->rows, cells, display->rows, true);
	painter_start(&painter, &terminal, display, shown);
	scroll(WARM_UP, 1);
	return true;
}

static uint64_t cost_of_line(unsigned int count, unsigned int together)
{
	return start() ? BENCH_COST(scroll(count, together)) / count : 0;
}

BENCH(scroll_line)
{
	return cost_of_line(LINES, 1);
}

BENCH(scroll_line_by_screenful)
{
	unsigned int rows = display_first() != NULL ? display_first()->rows : 1;

	return cost_of_line(10 * rows, rows);
}

BENCH(scroll_line_by_thousand)
{
	return cost_of_line(MANY, MANY);
}

/* For somebody who looks at the processor's time from outside. */
static void scroll_and_end(const struct boot_info *info, const char *value, size_t value_length)
{
	(void)info, (void)value, (void)value_length;
	if (!start())
		panic("There is no display.");
	log_info("scroll begins\n");
	scroll(LINES, 1);
	log_info("scroll %u lines\n", LINES);
	log_drain();
	machine_end(true);
}

BOOT_WORD(scroll, "scrolls lines over the display, drawing each, and ends the machine", scroll_and_end);
