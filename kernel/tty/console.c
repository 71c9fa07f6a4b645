#include "tty/console.h"

#include "core/log.h"
#include "dev/display.h"
#include "tty/painter.h"

/* Of a larger screen no more is used before there is memory. */
#define EARLY_COLUMNS 80u
#define EARLY_ROWS    25u

static const uint8_t level_colours[] = {
        [LOG_INFO] = COLOUR_FOREGROUND,
        [LOG_TITLE] = 15,
        [LOG_DETAIL] = 8,
        [LOG_WARNING] = 11,
        [LOG_ERROR] = 9,
};

static struct {
	struct terminal terminal;
	struct painter painter;
	struct cell early[EARLY_COLUMNS * EARLY_ROWS], early_shown[EARLY_COLUMNS * EARLY_ROWS];
} console;

static void put(enum log_level level, const char *text, size_t length)
{
	console.terminal.usual_foreground = level_colours[level];
	terminal_write(&console.terminal, text, length);
}

static void console_write(enum log_level level, const char *text, size_t length)
{
	put(level, text, length);
	painter_draw(&console.painter);
}

static void console_emergency(enum log_level level, const char *text, size_t length)
{
	put(level, text, length);
	painter_draw_now(&console.painter);
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

void console_start(const struct boot_info *info)
{
	static const struct log_sink sink = {.write = console_write, .emergency = console_emergency};
	struct display *display = display_first();

	if (display == NULL)
		return;
	terminal_start(&console.terminal, smaller(display->columns, EARLY_COLUMNS), smaller(display->rows, EARLY_ROWS),
	        console.early, smaller(display->rows, EARLY_ROWS), true);
	painter_start(&console.painter, &console.terminal, display, console.early_shown);
	if (info->log != 0)
		console_write(LOG_INFO, (const char *)(info->direct_map_virtual + info->log), info->log_length);
	if (console.terminal.column != 0)
		console_write(LOG_INFO, "\n", 1);
	log_add_sink(&sink);
}
