#include "tty/console.h"

#include "core/fault.h"
#include "core/log.h"
#include "dev/display.h"
#include "dev/input.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "paging.h"
#include "task/channel.h"
#include "task/task.h"
#include "task/yield.h"
#include "tty/painter.h"

/* Of a larger screen no more is used before there is memory. */
#define EARLY_COLUMNS 80u
#define EARLY_ROWS    25u
#define EARLY_CELLS   (EARLY_COLUMNS * EARLY_ROWS)

/* What lines may take: this share of the memory, but no more than this. It is 1638 lines of 80 columns. */
#define MEMORY_SHARE 64u
#define MEMORY_MAX   (1ull << 20)

/* Before so many cells are drawn, or orders carried out, other tasks have a turn. */
#define CELLS_AT_ONCE  768u
#define ORDERS_AT_ONCE 64u

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
	struct cell early[EARLY_CELLS], early_shown[EARLY_CELLS];
	bool has_task;
	bool is_emergency;
	bool is_changed;                /* since the task looked last */
	struct atomic_waker task_waits; /* for that */
} console;

static void put(enum log_level level, const char *text, size_t length)
{
	console.terminal.usual_foreground = level_colours[level];
	terminal_write(&console.terminal, text, length);
}

/*
 * The terminal was asked something, like where its cursor is: it answers as if somebody typed that. In an emergency
 * there is nobody to read it, and locks may be held.
 */
static void answer(void *context, const char *text, size_t length)
{
	(void)context;
	for (size_t i = 0; i < length && !console.is_emergency; i++) {
		if (!channel_try_send(&input_events, input_item((struct key_event){.unicode = (uint8_t)text[i]})))
			break;
	}
}

/*
 * What the terminal holds is to be seen: now, or as soon as the task's turn comes. With the log held. An NMI, which may
 * have come in the middle of drawing, can wake no task.
 */
static void show(void)
{
	if (!console.has_task || fault_is_reporting()) {
		painter_draw_now(&console.painter);
		return;
	}
	__atomic_store_n(&console.is_changed, true, __ATOMIC_RELEASE);
	atomic_waker_wake(&console.task_waits);
}

static void console_write(enum log_level level, const char *text, size_t length)
{
	put(level, text, length);
	show();
}

static void console_emergency(enum log_level level, const char *text, size_t length)
{
	console.is_emergency = true;
	put(level, text, length);
	console.is_emergency = false;
	painter_draw_now(&console.painter);
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static void console_drain(void)
{
	painter_draw_now(&console.painter);
}

void console_start(const struct boot_info *info)
{
	static const struct log_sink sink = {
	        .write = console_write, .emergency = console_emergency, .drain = console_drain};
	struct display *display = display_first();

	if (display == NULL)
		return;
	terminal_start(&console.terminal, smaller(display->columns, EARLY_COLUMNS), smaller(display->rows, EARLY_ROWS),
	        console.early, smaller(display->rows, EARLY_ROWS), true);
	terminal_set_reply(&console.terminal, answer, NULL);
	painter_start(&console.painter, &console.terminal, display, console.early_shown);
	if (info->log != 0)
		console_write(LOG_INFO, (const char *)(info->direct_map_virtual + info->log), info->log_length);
	if (console.terminal.column != 0)
		console_write(LOG_INFO, "\n", 1);
	log_add_sink(&sink);
}

/* The heap gives large blocks as powers of two: so all of such a block is used. */
static unsigned int affordable_lines(unsigned int columns, unsigned int rows)
{
	uint64_t share = frames_count().total * PAGE_SIZE / MEMORY_SHARE, bytes = MEMORY_MAX;
	unsigned int lines;

	while (bytes > share)
		bytes /= 2;
	lines = (unsigned int)(bytes / (columns * sizeof(struct cell)));
	return lines > rows ? lines : rows;
}

static void move_to(unsigned int columns, unsigned int rows, struct cell *cells, unsigned int lines, struct cell *shown)
{
	struct terminal *terminal = &console.terminal;
	unsigned int old_columns = terminal->columns, old_rows = terminal->rows;
	uint64_t flags = log_hold();

	terminal_move(terminal, columns, rows, cells, lines);
	painter_move(&console.painter, old_columns, old_rows, shown);
	/* What was for the start is enough for a small screen's alternate. */
	if (columns * rows <= EARLY_CELLS)
		terminal_set_alternate(terminal, console.early);
	log_release(flags);
	painter_draw(&console.painter);
}

/* Without memory everything stays as it is. */
void console_start_memory(void)
{
	const struct display *display = console.painter.display;
	struct cell *cells, *shown;
	unsigned int columns, rows, lines;

	if (display == NULL)
		return;
	columns = smaller(display->columns, TERMINAL_COLUMNS_MAX);
	rows = smaller(display->rows, TERMINAL_ROWS_MAX);
	lines = affordable_lines(columns, rows);
	cells = kmalloc_array((size_t)columns * lines, sizeof(cells[0]));
	shown = kmalloc_array((size_t)columns * rows, sizeof(shown[0]));
	if (cells != NULL && shown != NULL) {
		move_to(columns, rows, cells, lines, shown);
		return;
	}
	kfree(cells);
	kfree(shown);
}

/* Waits for something to draw. */
struct change {
	struct future future;
	struct waker *waker;
};

static bool take_change(void)
{
	return __atomic_exchange_n(&console.is_changed, false, __ATOMIC_ACQ_REL);
}

static enum poll change_poll(struct future *future, struct waker *waker)
{
	struct change *change = (struct change *)future;

	if (waker == NULL) {
		atomic_waker_cancel(&console.task_waits, change->waker);
		return READY;
	}
	change->waker = waker;
	if (take_change())
		return future_ready(future, 0);
	atomic_waker_register(&console.task_waits, waker);
	if (take_change())
		return future_ready(future, 0);
	future->line = 1;
	return PENDING;
}

static bool change_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	(void)future;
	*wait = (struct wait){.what = "console", .name = "change"};
	return index == 0;
}

static const struct future_type change_type = {change_poll, "change", __FILE__, change_waits};

/* Nobody can write while an order is taken, but everybody while it is carried out. True if that was not all. */
static bool draw_some(void)
{
	unsigned int cells = 0;

	for (unsigned int i = 0; i < ORDERS_AT_ONCE && cells < CELLS_AT_ONCE; i++) {
		uint64_t flags = log_hold();
		struct painter_order order = painter_next(&console.painter);

		log_release(flags);
		if (order.kind == PAINTER_NOTHING)
			return false;
		painter_carry_out(&console.painter, &order);
		cells += order.kind == PAINTER_DRAW ? order.count : 0;
	}
	return true;
}

struct paint {
	struct future future;
	struct change change;
	struct yield yield;
};

ASYNC(paint)
{
	ASYNC_BEGIN;
	for (;;) {
		await(call(&me->change, change, .waker = NULL));
		while (draw_some())
			await(yield_now(&me->yield));
	}
	ASYNC_FINALLY;
	ASYNC_END
}

/* Without memory for a task, drawing at once is what remains. */
void console_start_task(void)
{
	console.has_task = console.painter.display != NULL && spawn(paint) != NULL;
}

void console_scroll_back(int lines)
{
	uint64_t flags;

	if (console.painter.display == NULL)
		return;
	flags = log_hold();
	terminal_scroll_view(&console.terminal, lines);
	show();
	log_release(flags);
}

struct console_size console_size(void)
{
	if (console.painter.display == NULL)
		return (struct console_size){EARLY_COLUMNS, EARLY_ROWS};
	return (struct console_size){console.terminal.columns, console.terminal.rows};
}
