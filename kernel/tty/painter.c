#include "tty/painter.h"

#include "lib/string.h"

/* So many equal cells between two that differ are worth two calls instead of one. */
#define GAP 8u

static struct cell *shown_row(const struct painter *painter, unsigned int row)
{
	const struct terminal *terminal = painter->terminal;

	return painter->shown + (size_t)((painter->first + row) % terminal->rows) * terminal->columns;
}

void painter_start(struct painter *painter, struct terminal *terminal, struct display *display, struct cell *shown)
{
	cell_fill(shown, (size_t)terminal->columns * terminal->rows, CELL_BLANK);
	*painter = (struct painter){.terminal = terminal, .display = display, .shown = shown};
}

void painter_move(struct painter *painter, unsigned int old_columns, unsigned int old_rows, struct cell *shown)
{
	const struct terminal *terminal = painter->terminal;

	cell_fill(shown, (size_t)terminal->columns * terminal->rows, CELL_BLANK);
	for (unsigned int row = 0; row < old_rows; row++) {
		memcpy(shown + (size_t)row * terminal->columns,
		        painter->shown + (size_t)((painter->first + row) % old_rows) * old_columns,
		        old_columns * sizeof(shown[0]));
	}
	painter->first = 0;
	painter->shown = shown;
}

/*
 * The first run of cells of the span that differ; the span begins behind it then. They count as shown from here on:
 * who takes an order carries it out.
 */
static bool take_run(struct painter *painter, unsigned int row, struct terminal_span *span, struct painter_order *order)
{
	const struct cell *wanted = terminal_view_row(painter->terminal, row);
	struct cell *shown = shown_row(painter, row);
	unsigned int limit = painter->terminal->columns;
	unsigned int end = span->to < limit ? span->to : limit, from = span->from, last;

	while (from < end && cell_word(&wanted[from]) == cell_word(&shown[from]))
		from++;
	if (from >= end) {
		*span = (struct terminal_span){0, 0};
		return false;
	}
	last = from;
	for (unsigned int i = from; i < end && i - last <= GAP + 1; i++) {
		uint64_t word = cell_word(&wanted[i]);

		if (word != cell_word(&shown[i])) {
			cell_set_word(&shown[i], word);
			last = i;
		}
	}
	*span = (struct terminal_span){(uint16_t)(last + 1), (uint16_t)end};
	*order = (struct painter_order){PAINTER_DRAW, from, row, last + 1 - from, false};
	return true;
}

/* A display that is larger than the terminal would move more than that. */
static bool can_scroll(const struct painter *painter)
{
	const struct terminal *terminal = painter->terminal;

	return painter->display->scroll != NULL && painter->display->columns == terminal->columns &&
	       painter->display->rows == terminal->rows && terminal->scrolled < terminal->rows;
}

static bool take_scroll(struct painter *painter, struct painter_order *order)
{
	struct terminal *terminal = painter->terminal;
	unsigned int lines = terminal->scrolled;

	if (painter->is_refused || (lines > 0 && !can_scroll(painter))) {
		painter->is_refused = false;
		terminal_change_all(terminal);
	} else if (lines > 0) {
		terminal->scrolled = 0;
		*order = (struct painter_order){PAINTER_SCROLL, 0, 0, lines, false};
		return true;
	}
	return false;
}

static void take_cursor(struct painter *painter, struct painter_order *order)
{
	unsigned int column = painter->terminal->column, row;
	bool visible = terminal_view_cursor(painter->terminal, &row);

	if (!painter->is_unfinished && visible == painter->cursor_visible &&
	        (!visible || (column == painter->cursor_column && row == painter->cursor_row)))
		return;
	*order = (struct painter_order){PAINTER_CURSOR, column, row, 0, visible};
}

static bool take_changes(struct painter *painter, struct painter_order *order)
{
	struct terminal *terminal = painter->terminal;

	while (terminal->changed_from < terminal->changed_to) {
		unsigned int row = terminal->changed_from;

		if (row < terminal->rows && take_run(painter, row, &terminal->changed[row], order))
			return true;
		terminal->changed_from = row + 1;
	}
	return false;
}

/* No cell is this one, so each is drawn. */
static void forget(struct painter *painter)
{
	struct cell none = {.character = UINT32_MAX};

	cell_fill(painter->shown, (size_t)painter->terminal->columns * painter->terminal->rows, none);
	terminal_change_all(painter->terminal);
}

/* What was scrolled comes first: the spans are about the picture after it. */
struct painter_order painter_next(struct painter *painter)
{
	struct painter_order order = {.kind = PAINTER_NOTHING};

	if (painter->is_disturbed)
		forget(painter);
	painter->is_disturbed = false;
	painter->is_under_way = true;
	if (!take_scroll(painter, &order) && !take_changes(painter, &order))
		take_cursor(painter, &order);
	painter->is_under_way = order.kind != PAINTER_NOTHING;
	return order;
}

static void scroll(struct painter *painter, unsigned int lines)
{
	unsigned int rows = painter->terminal->rows;

	if (!painter->display->scroll(painter->display, lines)) {
		painter->is_refused = true;
		return;
	}
	painter->first = (painter->first + lines) % rows;
	for (unsigned int row = rows - lines; row < rows; row++)
		cell_fill(shown_row(painter, row), painter->terminal->columns, CELL_BLANK);
}

void painter_carry_out(struct painter *painter, const struct painter_order *order)
{
	struct display *display = painter->display;

	switch (order->kind) {
	case PAINTER_SCROLL:
		scroll(painter, order->count);
		painter->is_unfinished = true;
		break;
	case PAINTER_DRAW:
		display->draw(display, order->column, order->row, shown_row(painter, order->row) + order->column,
		        order->count);
		painter->is_unfinished = true;
		break;
	case PAINTER_CURSOR:
		painter->cursor_column = order->column;
		painter->cursor_row = order->row;
		painter->cursor_visible = order->visible;
		painter->is_unfinished = false;
		display->move_cursor(display, order->column, order->row, order->visible);
		break;
	case PAINTER_NOTHING:
		break;
	}
	painter->is_under_way = false;
}

void painter_draw(struct painter *painter)
{
	struct painter_order order;

	while ((order = painter_next(painter)).kind != PAINTER_NOTHING)
		painter_carry_out(painter, &order);
}

/* What counts as shown may not be there yet, and whoever goes on afterwards draws late what is not true any more. */
void painter_draw_now(struct painter *painter)
{
	bool was_under_way = painter->is_under_way;

	painter->is_disturbed |= was_under_way;
	painter_draw(painter);
	painter->is_disturbed = painter->is_under_way = was_under_way;
}
