#include "post_mortem.h"

#include "console.h"
#include "extra.h"
#include "layout.h"
#include "lib/black_box.h"
#include "memory.h"
#include "verify.h"

#define REPORT_LINES 5u /* of a fault: what and where; of a panic: why, and the innermost callers */
#define LOG_LINES    5u

static void show_words(const char *what, const char *text, uint32_t length)
{
	const char *end = text + length;
	char line[BLACK_BOX_LINE_MAX + 1];
	if (black_box_next_line(&text, end, line))
		console_print(CONSOLE_NOTE, "  %s: %s\n", what, line);
}

static void show_report(const char *text, uint32_t length)
{
	const char *end = text + length;
	char line[BLACK_BOX_LINE_MAX + 1];
	for (uint32_t i = 0; i < REPORT_LINES && black_box_next_line(&text, end, line); i++)
		console_print(CONSOLE_NORMAL, "  %s\n", line);
}

/* The last lines: a second reader begins when the first is so many lines ahead. */
static void show_log(const struct log_ring *ring)
{
	uint32_t ahead = 0, position = 0, lines = 0;
	struct log_line line;
	if (!ring)
		return;
	for (; log_ring_next(ring, &ahead, &line); lines++)
		if (lines >= LOG_LINES)
			log_ring_next(ring, &position, &line);
	if (lines)
		console_print(CONSOLE_NOTE, "  its last lines:\n");
	while (log_ring_next(ring, &position, &line))
		show_report(line.text, line.length);
}

static void show_run(const struct black_box_run *run)
{
	console_print(CONSOLE_NOTE, "The last run %s.\n", black_box_ending(black_box_state(run)));
	size_t length;
	const char *text = black_box_command(run, &length);
	show_words("command", text, length);
	text = black_box_task(run, &length);
	show_words("task", text, length);
	text = black_box_report(run, &length);
	if (length)
		show_report(text, length);
	else
		show_log(black_box_log(run));
}

IN_REST void post_mortem_show(void)
{
	uint32_t size;
	const void *box = memory_black_box(&size);
	const struct black_box_run *run = black_box_latest(box, size);
	if (!run || black_box_is_wanted(black_box_state(run)))
		return;
	if (extra_load())
		show_run(run);
	else
		console_print(CONSOLE_NOTE, "%s: no post-mortem\n", verify_complaint);
}
