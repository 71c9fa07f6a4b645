#include "tty/terminal_sequences.h"

#include "lib/format.h"
#include "lib/string.h"
#include "tty/terminal_cells.h"

/* CSI's final byte with its marker and its intermediate byte. */
#define SEQUENCE(marker, intermediate, final)                                                                          \
	((unsigned int)(marker) << 16 | (unsigned int)(intermediate) << 8 | (final))

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int terminal_parameter(const struct terminal *terminal, unsigned int index, unsigned int otherwise)
{
	if (index > terminal->parameter || index >= TERMINAL_PARAMETERS_MAX || !terminal->is_given[index])
		return otherwise;
	return terminal->parameters[index];
}

/* A count, or a row or column counted from 1: 0 is 1. */
static unsigned int count_of(const struct terminal *terminal, unsigned int index)
{
	unsigned int count = terminal_parameter(terminal, index, 1);

	return count == 0 ? 1 : count;
}

/* In origin mode the cursor cannot leave the region. */
static void go_to(struct terminal *terminal, unsigned int column, unsigned int row)
{
	unsigned int first = terminal->origin ? terminal->top : 0;
	unsigned int last = (terminal->origin ? terminal->bottom : terminal->rows) - 1;

	terminal->column = smaller(column, terminal->columns - 1);
	terminal->row = row < first ? first : smaller(row, last);
	terminal->wraps = false;
}

/* To a row as sequences count them: in origin mode from the region's first. */
static void go_to_row(struct terminal *terminal, unsigned int column, unsigned int row)
{
	go_to(terminal, column, row + (terminal->origin ? terminal->top : 0));
}

static unsigned int less(unsigned int value, unsigned int by)
{
	return value - smaller(value, by);
}

void terminal_line_feed(struct terminal *terminal)
{
	terminal->wraps = false;
	if (terminal->row + 1 == terminal->bottom)
		terminal_scroll_up(terminal, terminal->top, terminal->bottom, 1);
	else
		terminal->row = smaller(terminal->row + 1, terminal->rows - 1);
}

static void reverse_line_feed(struct terminal *terminal)
{
	terminal->wraps = false;
	if (terminal->row == terminal->top)
		terminal_scroll_down(terminal, terminal->top, terminal->bottom, 1);
	else
		terminal->row = less(terminal->row, 1);
}

static bool is_tab(const struct terminal *terminal, unsigned int column)
{
	return terminal->tabs[column / 32 % (TERMINAL_COLUMNS_MAX / 32)] >> column % 32 & 1;
}

static void set_tab(struct terminal *terminal, unsigned int column, bool on)
{
	uint32_t *word = &terminal->tabs[column / 32 % (TERMINAL_COLUMNS_MAX / 32)];

	*word = (*word & ~(1u << column % 32)) | (uint32_t)on << column % 32;
}

static void go_to_tabs(struct terminal *terminal, unsigned int count, bool back)
{
	unsigned int column = smaller(terminal->column, terminal->columns - 1), end = back ? 0 : terminal->columns - 1;

	while (count > 0 && column != end) {
		column += back ? -1u : 1u;
		count -= is_tab(terminal, column);
	}
	if (column != terminal->column)
		go_to(terminal, column, terminal->row);
}

void terminal_control(struct terminal *terminal, uint8_t control)
{
	switch (control) {
	case '\b':
		go_to(terminal, less(terminal->column, 1), terminal->row);
		break;
	case '\t':
		go_to_tabs(terminal, 1, false);
		break;
	case '\n':
	case '\v':
	case '\f':
		terminal_line_feed(terminal);
		if (terminal->new_line)
			terminal->column = 0;
		break;
	case '\r':
		terminal->column = 0;
		terminal->wraps = false;
		break;
	case 0x0e: /* SO: G1 */
	case 0x0f: /* SI: G0 */
		terminal->set = control == 0x0e;
		break;
	default:
		break;
	}
}

static void save_place(struct terminal *terminal)
{
	struct terminal_place *saved = &terminal->saved;

	*saved = (struct terminal_place){.column = terminal->column, .row = terminal->row, .pen = terminal->pen};
	memcpy(saved->draws_lines, terminal->draws_lines, sizeof(saved->draws_lines));
	saved->set = terminal->set;
}

static void restore_place(struct terminal *terminal)
{
	const struct terminal_place *saved = &terminal->saved;

	terminal->pen = saved->pen;
	memcpy(terminal->draws_lines, saved->draws_lines, sizeof(saved->draws_lines));
	terminal->set = saved->set;
	terminal->column = smaller(saved->column, terminal->columns - 1);
	terminal->row = smaller(saved->row, terminal->rows - 1);
	terminal->wraps = false;
}

/* What DECSTR brings back, too. */
static void reset_modes(struct terminal *terminal)
{
	terminal->pen = (struct terminal_pen){COLOUR_FOREGROUND, COLOUR_BACKGROUND, 0, true};
	terminal->top = 0;
	terminal->bottom = terminal->rows;
	terminal->autowrap = terminal->cursor_visible = true;
	terminal->origin = terminal->insert = false;
	terminal->draws_lines[0] = terminal->draws_lines[1] = false;
	terminal->set = 0;
	save_place(terminal);
	terminal->saved.column = terminal->saved.row = 0;
}

void terminal_reset(struct terminal *terminal)
{
	reset_modes(terminal);
	terminal->new_line = terminal->new_line_at_start;
	for (unsigned int i = 0; i < TERMINAL_COLUMNS_MAX / 32; i++)
		terminal->tabs[i] = 0x01010101;
	go_to(terminal, 0, 0);
}

static void erase_rows(struct terminal *terminal, unsigned int from, unsigned int to)
{
	for (unsigned int row = from; row < to && row < terminal->rows; row++)
		terminal_erase(terminal, row, 0, terminal->columns);
}

static void use_alternate(struct terminal *terminal, bool on)
{
	if (terminal->alternate.cells == NULL)
		return;
	terminal->lines = on ? &terminal->alternate : &terminal->main;
	if (on)
		erase_rows(terminal, 0, terminal->rows);
	terminal_change_all(terminal);
}

void terminal_escape(struct terminal *terminal, uint8_t final)
{
	switch (SEQUENCE(0, terminal->intermediate, final)) {
	case '7': /* DECSC */
		save_place(terminal);
		break;
	case '8': /* DECRC */
		restore_place(terminal);
		break;
	case 'D': /* IND */
		terminal_line_feed(terminal);
		break;
	case 'E': /* NEL */
		terminal_line_feed(terminal);
		terminal->column = 0;
		break;
	case 'H': /* HTS */
		set_tab(terminal, terminal->column, true);
		break;
	case 'M': /* RI */
		reverse_line_feed(terminal);
		break;
	case 'c': /* RIS */
		use_alternate(terminal, false);
		terminal_reset(terminal);
		erase_rows(terminal, 0, terminal->rows);
		break;
	case SEQUENCE(0, '(', '0'):
	case SEQUENCE(0, ')', '0'):
		terminal->draws_lines[terminal->intermediate == ')'] = true;
		break;
	case SEQUENCE(0, '(', 'B'):
	case SEQUENCE(0, ')', 'B'):
		terminal->draws_lines[terminal->intermediate == ')'] = false;
		break;
	default:
		break;
	}
}

static void erase_display(struct terminal *terminal, unsigned int what)
{
	if (what == 0) {
		terminal_erase(terminal, terminal->row, terminal->column, terminal->columns);
		erase_rows(terminal, terminal->row + 1, terminal->rows);
	} else if (what == 1) {
		erase_rows(terminal, 0, terminal->row);
		terminal_erase(terminal, terminal->row, 0, terminal->column + 1);
	} else if (what == 2) {
		erase_rows(terminal, 0, terminal->rows);
	} else if (what == 3) {
		terminal->lines->kept = 0;
	}
}

static void erase_line(struct terminal *terminal, unsigned int what)
{
	if (what <= 2)
		terminal_erase(terminal, terminal->row, what == 0 ? terminal->column : 0,
		        what == 1 ? terminal->column + 1 : terminal->columns);
}

static bool is_in_region(const struct terminal *terminal)
{
	return terminal->row >= terminal->top && terminal->row < terminal->bottom;
}

/* IL, DL, ICH and DCH do nothing outside of the scroll region, as in the VT220. */
static void edit(struct terminal *terminal, uint8_t final)
{
	unsigned int count = count_of(terminal, 0);

	if (!is_in_region(terminal))
		return;
	if (final == 'L')
		terminal_scroll_down(terminal, terminal->row, terminal->bottom, count);
	else if (final == 'M')
		terminal_scroll_up(terminal, terminal->row, terminal->bottom, count);
	else if (final == '@')
		terminal_insert(terminal, terminal->column, terminal->row, count);
	else
		terminal_delete(terminal, terminal->column, terminal->row, count);
}

static void set_region(struct terminal *terminal)
{
	unsigned int top = count_of(terminal, 0) - 1;
	unsigned int bottom = terminal_parameter(terminal, 1, 0);

	bottom = bottom == 0 ? terminal->rows : smaller(bottom, terminal->rows);
	if (top >= bottom) {
		top = 0;
		bottom = terminal->rows;
	}
	terminal->top = top;
	terminal->bottom = bottom;
	go_to_row(terminal, 0, 0);
}

static void set_mode(struct terminal *terminal, unsigned int mode, bool on)
{
	if (mode == 4)
		terminal->insert = on;
	else if (mode == 20)
		terminal->new_line = on;
}

static void set_dec_mode(struct terminal *terminal, unsigned int mode, bool on)
{
	switch (mode) {
	case 6:
		terminal->origin = on;
		go_to_row(terminal, 0, 0);
		break;
	case 7:
		terminal->autowrap = on;
		terminal->wraps = terminal->wraps && on;
		break;
	case 25:
		terminal->cursor_visible = on;
		break;
	case 47:
	case 1047:
		use_alternate(terminal, on);
		break;
	case 1048:
	case 1049:
		if (mode == 1049)
			use_alternate(terminal, on);
		if (on)
			save_place(terminal);
		else
			restore_place(terminal);
		break;
	default:
		break;
	}
}

static void set_modes(struct terminal *terminal, bool on)
{
	for (unsigned int i = 0; i <= terminal->parameter && i < TERMINAL_PARAMETERS_MAX; i++) {
		unsigned int mode = terminal_parameter(terminal, i, 0);

		if (terminal->marker == '?')
			set_dec_mode(terminal, mode, on);
		else
			set_mode(terminal, mode, on);
	}
}

static void reply(struct terminal *terminal, const char *text)
{
	if (terminal->reply != NULL)
		terminal->reply(terminal->reply_context, text, strlen(text));
}

/* DSR. With a question mark it is DEC's, and so is the answer. */
static void report(struct terminal *terminal)
{
	const char *mark = terminal->marker == '?' ? "?" : "";
	unsigned int what = terminal_parameter(terminal, 0, 0);
	unsigned int row = terminal->row - (terminal->origin ? terminal->top : 0);
	char text[24];

	if (what == 5)
		format_string(text, sizeof(text), "\033[%s0n", mark);
	else if (what == 6)
		format_string(text, sizeof(text), "\033[%s%u;%uR", mark, row + 1, terminal->column + 1);
	else
		return;
	reply(terminal, text);
}

static void move_cursor(struct terminal *terminal, uint8_t final)
{
	unsigned int count = count_of(terminal, 0), column = terminal->column, row = terminal->row;

	switch (final) {
	case 'E': /* CNL */
		column = 0;
		__attribute__((fallthrough));
	case 'B': /* CUD */
	case 'e': /* VPR */
		row += count;
		break;
	case 'F': /* CPL */
		column = 0;
		__attribute__((fallthrough));
	case 'A': /* CUU */
	case 'k': /* VPB */
		row = less(row, count);
		break;
	case 'C': /* CUF */
	case 'a': /* HPR */
		column += count;
		break;
	case 'D': /* CUB */
	case 'j': /* HPB */
		column = less(column, count);
		break;
	default: /* CHA, HPA */
		column = count - 1;
		break;
	}
	go_to(terminal, column, row);
}

void terminal_csi(struct terminal *terminal, uint8_t final)
{
	switch (SEQUENCE(terminal->marker, terminal->intermediate, final)) {
	case '@': /* ICH */
	case 'L': /* IL */
	case 'M': /* DL */
	case 'P': /* DCH */
		edit(terminal, final);
		break;
	case 'A':
	case 'B':
	case 'C':
	case 'D':
	case 'E':
	case 'F':
	case 'G':
	case '`':
	case 'a':
	case 'e':
	case 'j':
	case 'k':
		move_cursor(terminal, final);
		break;
	case 'H': /* CUP */
	case 'f': /* HVP */
		go_to_row(terminal, count_of(terminal, 1) - 1, count_of(terminal, 0) - 1);
		break;
	case 'd': /* VPA */
		go_to_row(terminal, terminal->column, count_of(terminal, 0) - 1);
		break;
	case 'I': /* CHT */
	case 'Z': /* CBT */
		go_to_tabs(terminal, count_of(terminal, 0), final == 'Z');
		break;
	case 'J': /* ED */
		erase_display(terminal, terminal_parameter(terminal, 0, 0));
		break;
	case 'K': /* EL */
		erase_line(terminal, terminal_parameter(terminal, 0, 0));
		break;
	case 'S': /* SU */
		terminal_scroll_up(terminal, terminal->top, terminal->bottom, count_of(terminal, 0));
		break;
	case 'T': /* SD */
		terminal_scroll_down(terminal, terminal->top, terminal->bottom, count_of(terminal, 0));
		break;
	case 'X': /* ECH */
		terminal_erase(terminal, terminal->row, terminal->column, terminal->column + count_of(terminal, 0));
		break;
	case 'c': /* DA: a VT100 with the advanced video option */
		if (terminal_parameter(terminal, 0, 0) == 0)
			reply(terminal, "\033[?1;2c");
		break;
	case 'g': /* TBC */
		if (terminal_parameter(terminal, 0, 0) == 0)
			set_tab(terminal, terminal->column, false);
		else if (terminal_parameter(terminal, 0, 0) == 3)
			memset(terminal->tabs, 0, sizeof(terminal->tabs));
		break;
	case 'h': /* SM */
	case 'l': /* RM */
	case SEQUENCE('?', 0, 'h'):
	case SEQUENCE('?', 0, 'l'):
		set_modes(terminal, final == 'h');
		break;
	case 'm': /* SGR */
		terminal_select_graphics(terminal);
		break;
	case 'n': /* DSR */
	case SEQUENCE('?', 0, 'n'):
		report(terminal);
		break;
	case SEQUENCE(0, '!', 'p'): /* DECSTR */
		reset_modes(terminal);
		break;
	case 'r': /* DECSTBM */
		set_region(terminal);
		break;
	case 's': /* as DECSC and DECRC */
		save_place(terminal);
		break;
	case 'u':
		restore_place(terminal);
		break;
	default:
		break;
	}
}
