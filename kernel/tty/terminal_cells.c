#include "tty/terminal_cells.h"

#include "lib/string.h"
#include "tty/terminal_sequences.h"

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* `above` lines before the row, if the ring has that many. */
static struct cell *line(const struct terminal *terminal, unsigned int row, unsigned int above)
{
	const struct terminal_lines *lines = terminal->lines;
	unsigned int place =
	        lines->top + smaller(row, terminal->rows - 1) + lines->count - smaller(above, lines->count);

	return lines->cells + (size_t)(place % lines->count) * terminal->columns;
}

struct cell *terminal_row(const struct terminal *terminal, unsigned int row)
{
	return line(terminal, row, 0);
}

const struct cell *terminal_view_row(const struct terminal *terminal, unsigned int row)
{
	return line(terminal, row, terminal->view);
}

/* Whatever colour its text would have: so that the blanks of a screen are alike. */
struct cell terminal_erased(const struct terminal *terminal)
{
	struct cell cell = CELL_BLANK;

	cell.background = terminal->pen.background;
	return cell;
}

static struct cell pen_cell(const struct terminal *terminal, uint32_t character)
{
	const struct terminal_pen *pen = &terminal->pen;
	uint8_t foreground = pen->usual_foreground ? terminal->usual_foreground : pen->foreground;

	return (struct cell){character, foreground, pen->background, pen->attributes, 0};
}

static void change_row(struct terminal *terminal, unsigned int row)
{
	if (terminal->changed_from >= terminal->changed_to) {
		terminal->changed_from = row;
		terminal->changed_to = row + 1;
	} else if (row < terminal->changed_from) {
		terminal->changed_from = row;
	} else if (row >= terminal->changed_to) {
		terminal->changed_to = row + 1;
	}
}

void terminal_change(struct terminal *terminal, unsigned int row, unsigned int from, unsigned int to)
{
	struct terminal_span *span;

	row = smaller(row, terminal->rows - 1);
	span = &terminal->changed[row];
	change_row(terminal, row);
	if (span->from == span->to) {
		*span = (struct terminal_span){(uint16_t)from, (uint16_t)to};
		return;
	}
	if (from < span->from)
		span->from = (uint16_t)from;
	if (to > span->to)
		span->to = (uint16_t)to;
}

void terminal_change_all(struct terminal *terminal)
{
	terminal->scrolled = 0;
	terminal->changed_from = 0;
	terminal->changed_to = terminal->rows;
	for (unsigned int row = 0; row < terminal->rows; row++)
		terminal->changed[row] = (struct terminal_span){0, (uint16_t)terminal->columns};
}

unsigned int terminal_put_ascii(struct terminal *terminal, const char *text, size_t length)
{
	unsigned int row = terminal->row, column = smaller(terminal->column, terminal->columns - 1);
	unsigned int room = terminal->columns - column, count = 0;
	struct cell *cells = terminal_row(terminal, row) + column;
	struct cell cell = pen_cell(terminal, 0);
	uint64_t word = cell_word(&cell);

	if (length < room)
		room = (unsigned int)length;
	do {
		cell_set_word(&cells[count], word | (uint8_t)text[count]);
		count++;
	} while (count < room && text[count] >= ' ' && text[count] < 0x7f);
	terminal_change(terminal, row, column, column + count);
	return count;
}

void terminal_put(
        struct terminal *terminal, unsigned int column, unsigned int row, uint32_t character, unsigned int width)
{
	struct cell *cells = terminal_row(terminal, row);

	column = smaller(column, terminal->columns - 1);
	cells[column] = pen_cell(terminal, character);
	if (width == 2 && column + 1 < terminal->columns)
		cells[column + 1] = pen_cell(terminal, 0);
	terminal_change(terminal, row, column, smaller(column + width, terminal->columns));
}

void terminal_erase(struct terminal *terminal, unsigned int row, unsigned int from, unsigned int to)
{
	to = smaller(to, terminal->columns);
	if (from >= to)
		return;
	cell_fill(terminal_row(terminal, row) + from, to - from, terminal_erased(terminal));
	terminal_change(terminal, row, from, to);
}

void terminal_insert(struct terminal *terminal, unsigned int column, unsigned int row, unsigned int count)
{
	struct cell *cells = terminal_row(terminal, row);

	column = smaller(column, terminal->columns - 1);
	count = smaller(count, terminal->columns - column);
	memmove(cells + column + count, cells + column, (terminal->columns - column - count) * sizeof(cells[0]));
	terminal_erase(terminal, row, column, column + count);
	terminal_change(terminal, row, column, terminal->columns);
}

void terminal_delete(struct terminal *terminal, unsigned int column, unsigned int row, unsigned int count)
{
	struct cell *cells = terminal_row(terminal, row);

	column = smaller(column, terminal->columns - 1);
	count = smaller(count, terminal->columns - column);
	memmove(cells + column, cells + column + count, (terminal->columns - column - count) * sizeof(cells[0]));
	terminal_erase(terminal, row, terminal->columns - count, terminal->columns);
	terminal_change(terminal, row, column, terminal->columns);
}

/* The ring turns, so only the new line is written. What had changed, and is not drawn yet, moves with its row. */
static void turn(struct terminal *terminal)
{
	struct terminal_lines *lines = terminal->lines;
	unsigned int last = terminal->rows - 1;

	lines->top = (lines->top + 1) % lines->count;
	lines->kept = smaller(lines->kept + 1, lines->count - terminal->rows);
	terminal->scrolled = smaller(terminal->scrolled + 1, terminal->rows);
	memmove(terminal->changed, terminal->changed + 1, last * sizeof(terminal->changed[0]));
	terminal->changed[last] = (struct terminal_span){0, 0};
	terminal->changed_from -= smaller(terminal->changed_from, 1);
	cell_fill(terminal_row(terminal, last), terminal->columns, terminal_erased(terminal));
	if (terminal->pen.background != COLOUR_BACKGROUND)
		terminal_change(terminal, last, 0, terminal->columns);
}

static void copy_row(struct terminal *terminal, unsigned int to, unsigned int from)
{
	memcpy(terminal_row(terminal, to), terminal_row(terminal, from), terminal->columns * sizeof(struct cell));
	terminal_change(terminal, to, 0, terminal->columns);
}

void terminal_scroll_up(struct terminal *terminal, unsigned int top, unsigned int bottom, unsigned int count)
{
	bottom = smaller(bottom, terminal->rows);
	top = smaller(top, bottom);
	count = smaller(count, bottom - top);
	if (top == 0 && bottom == terminal->rows) {
		while (count-- > 0)
			turn(terminal);
		return;
	}
	for (unsigned int row = top; row + count < bottom; row++)
		copy_row(terminal, row, row + count);
	for (unsigned int row = bottom - count; row < bottom; row++)
		terminal_erase(terminal, row, 0, terminal->columns);
}

void terminal_scroll_down(struct terminal *terminal, unsigned int top, unsigned int bottom, unsigned int count)
{
	bottom = smaller(bottom, terminal->rows);
	top = smaller(top, bottom);
	count = smaller(count, bottom - top);
	for (unsigned int row = bottom; row-- > top + count;)
		copy_row(terminal, row, row - count);
	for (unsigned int row = top; row < top + count; row++)
		terminal_erase(terminal, row, 0, terminal->columns);
}

void terminal_start(struct terminal *terminal, unsigned int columns, unsigned int rows, struct cell *cells,
        unsigned int lines, bool new_line)
{
	*terminal = (struct terminal){
	        .columns = columns, .rows = rows, .main = {cells, lines, 0, 0}, .new_line_at_start = new_line};
	terminal->lines = &terminal->main;
	terminal->usual_foreground = COLOUR_FOREGROUND;
	cell_fill(cells, (size_t)columns * rows, CELL_BLANK);
	terminal_reset(terminal);
}

/*
 * If the cursor's row would not be there any more, the picture moves up until it is. An NMI that prints in the middle
 * finds the new memory with the old size, which fits if the terminal grows.
 */
void terminal_move(
        struct terminal *terminal, unsigned int columns, unsigned int rows, struct cell *cells, unsigned int lines)
{
	unsigned int above = terminal->row < rows ? 0 : terminal->row + 1 - rows;

	cell_fill(cells, (size_t)columns * rows, CELL_BLANK);
	for (unsigned int row = 0; row < rows && row + above < terminal->rows; row++) {
		memcpy(cells + (size_t)row * columns, terminal_row(terminal, row + above),
		        smaller(columns, terminal->columns) * sizeof(cells[0]));
	}
	__atomic_store_n(&terminal->lines, &terminal->main, __ATOMIC_SEQ_CST);
	__atomic_store_n(&terminal->main.cells, cells, __ATOMIC_SEQ_CST);
	terminal->main = (struct terminal_lines){cells, lines, 0, 0};
	__atomic_store_n(&terminal->columns, columns, __ATOMIC_SEQ_CST);
	__atomic_store_n(&terminal->rows, rows, __ATOMIC_SEQ_CST);
	terminal->alternate = (struct terminal_lines){NULL, 0, 0, 0};
	terminal->column = smaller(terminal->column, columns - 1);
	terminal->row -= above;
	terminal->wraps = false;
	terminal->top = 0;
	terminal->bottom = rows;
	terminal->view = 0;
	terminal_change_all(terminal);
}

void terminal_set_alternate(struct terminal *terminal, struct cell *cells)
{
	terminal->alternate = (struct terminal_lines){cells, terminal->rows, 0, 0};
	cell_fill(cells, (size_t)terminal->columns * terminal->rows, CELL_BLANK);
}

void terminal_scroll_view(struct terminal *terminal, int lines)
{
	unsigned int kept = terminal->lines->kept;
	unsigned int view;

	if (lines < 0)
		view = terminal->view - smaller(terminal->view, 0u - (unsigned int)lines);
	else
		view = smaller(terminal->view + smaller((unsigned int)lines, kept), kept);
	if (view == terminal->view)
		return;
	terminal->view = view;
	terminal_change_all(terminal);
}

bool terminal_view_cursor(const struct terminal *terminal, unsigned int *row)
{
	*row = terminal->row + terminal->view;
	return terminal->cursor_visible && *row < terminal->rows;
}
