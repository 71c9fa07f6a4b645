/*
 * What of the terminal libvterm cannot say (test_vterm.c has the rest): lines that are kept, what is ours by choice,
 * and what must not happen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "tty/terminal.h"

enum { COLUMNS = 12, ROWS = 5, LINES = 9 };

struct fixture {
	struct terminal terminal;
	struct cell cells[COLUMNS * LINES], alternate[COLUMNS * ROWS];
	char replies[64];
};

static void reply(void *context, const char *text, size_t length)
{
	strncat(context, text, length);
}

static void start(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	terminal_start(&fixture->terminal, COLUMNS, ROWS, fixture->cells, LINES, false);
	terminal_set_alternate(&fixture->terminal, fixture->alternate);
	terminal_set_reply(&fixture->terminal, reply, fixture->replies);
}

static void say(struct fixture *fixture, const char *text)
{
	terminal_write(&fixture->terminal, text, strlen(text));
}

/* A row of the view as text, without the blanks at its end; what is no ASCII is a `#`. */
static const char *row_text(const struct fixture *fixture, unsigned int row)
{
	static char text[COLUMNS + 1];
	const struct cell *cells = terminal_view_row(&fixture->terminal, row);
	unsigned int length = 0;

	for (unsigned int i = 0; i < COLUMNS; i++) {
		text[i] = (char)(cells[i].character < 0x7f ? cells[i].character : '#');
		if (text[i] != ' ')
			length = i + 1;
	}
	text[length] = '\0';
	return text;
}

static void assert_cursor(const struct fixture *fixture, unsigned int column, unsigned int row)
{
	assert_int_equal(fixture->terminal.column, column);
	assert_int_equal(fixture->terminal.row, row);
}

static void test_kept_lines(void **state)
{
	struct fixture f;
	unsigned int row;

	(void)state;
	start(&f);
	for (char c = 'a'; c <= 'z'; c++)
		say(&f, (char[]){c, '\r', '\n', '\0'});
	assert_int_equal(f.terminal.lines->kept, LINES - ROWS);
	terminal_scroll_view(&f.terminal, 2);
	assert_string_equal(row_text(&f, 0), "u");
	assert_false(terminal_view_cursor(&f.terminal, &row));
	terminal_scroll_view(&f.terminal, 100);
	assert_string_equal(row_text(&f, 0), "s"); /* the oldest of nine lines, one of which is empty */
	terminal_scroll_view(&f.terminal, -3);
	assert_string_equal(row_text(&f, 0), "v");
	assert_true(terminal_view_cursor(&f.terminal, &row) == false && row == ROWS);
	say(&f, ".");
	assert_string_equal(row_text(&f, 0), "w");
	assert_true(terminal_view_cursor(&f.terminal, &row));
	say(&f, "\033[3J"); /* forgets them */
	terminal_scroll_view(&f.terminal, 2);
	assert_string_equal(row_text(&f, 0), "w");
}

/* What leaves a region, or the alternate screen, is not kept. */
static void test_what_is_not_kept(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\033[2;4r\033[4;1H1\r\n2\r\n3\r\n4");
	assert_int_equal(f.terminal.lines->kept, 0);
	say(&f, "\033[r\033[?1049h1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7");
	assert_int_equal(f.terminal.lines->kept, 0);
	terminal_scroll_view(&f.terminal, 5);
	assert_int_equal(f.terminal.view, 0);
	say(&f, "\033[?1049l");
	assert_string_equal(row_text(&f, 1), "2");
}

static void test_new_line(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	terminal_start(&f.terminal, COLUMNS, ROWS, f.cells, LINES, true);
	say(&f, "one\ntwo\033[20l\nx\033c\none\ny");
	assert_string_equal(row_text(&f, 1), "one");
	assert_string_equal(row_text(&f, 2), "y");
}

/* A line as long as the screen is wide is followed by no empty one, whatever ends it. */
static void test_full_lines(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "123456789012\r\nnext\r\n123456789012\n|");
	assert_string_equal(row_text(&f, 1), "next");
	assert_string_equal(row_text(&f, 3), "           |");
	say(&f, "\033[5;1H123456789012\n|"); /* also where it scrolls */
	assert_string_equal(row_text(&f, 3), "123456789012");
	assert_string_equal(row_text(&f, 4), "           |");
	say(&f, "\033[5;1H123456789012\033D|");
	assert_string_equal(row_text(&f, 4), "           |");
	say(&f, "\033[5;1H123456789012\0337\033[H\0338|");
	assert_string_equal(row_text(&f, 4), "12345678901|");
	say(&f, "\033[5;1H123456789012\033[?7l|");
	assert_string_equal(row_text(&f, 4), "12345678901|");
}

static void test_replies(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\033[3;7H\033[6n");
	assert_string_equal(f.replies, "\033[3;7R");
	*f.replies = '\0';
	say(&f, "\033[2;4r\033[?6h\033[2;5H\033[6n\033[?6n"); /* from the region's top, as it is given */
	assert_string_equal(f.replies, "\033[2;5R\033[?2;5R");
	*f.replies = '\0';
	say(&f, "\033[>c\033[?5;6n\033[7n\033[1c");
	assert_string_equal(f.replies, "\033[?0n");
	terminal_set_reply(&f.terminal, NULL, NULL);
	say(&f, "\033[6n");
}

static void test_soft_reset(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\033[31;1m\033[2;4r\033[?6;25h\033[4h\033[?7l\016\033)0\033[3g\033[3;3H\0337\033[!p");
	assert_cursor(&f, 2, 3); /* stays, the third row of the region */
	say(&f, "\0338x\033[4l");
	assert_cursor(&f, 1, 0);
	assert_memory_equal(terminal_view_row(&f.terminal, 0), &((struct cell){'x', 7, 0, 0, 0}), sizeof(struct cell));
	assert_int_equal(f.terminal.top, 0);
	assert_int_equal(f.terminal.bottom, ROWS);
	assert_true(f.terminal.autowrap && f.terminal.cursor_visible && !f.terminal.origin && !f.terminal.insert);
	say(&f, "\ty");
	assert_cursor(&f, COLUMNS - 1, 0); /* tab stops are left alone */
}

static void test_reset(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\033[31m\033[2;4r\033[3g\033[?1049htext\033[?25l\033[5;5H\0337\033c");
	assert_cursor(&f, 0, 0);
	assert_ptr_equal(f.terminal.lines, &f.terminal.main);
	for (unsigned int row = 0; row < ROWS; row++)
		assert_string_equal(row_text(&f, row), "");
	say(&f, "\ta\0338b");
	assert_string_equal(row_text(&f, 0), "b       a");
}

static void test_save_by_csi(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\033[2;3H\033[sabc\033[u");
	assert_cursor(&f, 2, 1);
}

static void test_several_modes(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\033[?25;7l");
	assert_false(f.terminal.autowrap || f.terminal.cursor_visible);
	say(&f, "\033[4;20h");
	assert_true(f.terminal.insert && f.terminal.new_line);
}

/* Strings are for others; ESC with another letter than \ ends them and begins anew. */
static void test_strings(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "a\033_b\033\\c\033^d\nd\033\\e\033Xf\007g\033]h\033[3Ci\033Pj\304\200j\033\\k");
	assert_string_equal(row_text(&f, 0), "aceg   ik");
	assert_cursor(&f, 9, 0);
}

static void test_senseless_sequences(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "a\033[1?5Hb\033[?1?hc\033[ 5md\033[!!pe\033[1;2<mf\033%%Gg\033[5\344\270\255");
	assert_string_equal(row_text(&f, 0), "abcdefg#");
	start(&f);
	say(&f, "\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;31mx"); /* more parameters than there is room for */
	assert_string_equal(row_text(&f, 0), "x");
	assert_int_equal(terminal_view_row(&f.terminal, 0)->attributes, 0);
	say(&f, "\033[99999999999999999999Hy\033[4294967297;4294967299Hz");
	assert_string_equal(row_text(&f, 4), "y          z");
	say(&f, "\033[38mx\033[38;2mx\033[38;5mx\033[38;9;1mx\033[48;5;300mx\033[38;2;1;2mx");
}

static void test_graphics_by_iso(void **state)
{
	struct fixture f;
	const struct cell *cells;

	(void)state;
	start(&f);
	say(&f, "\033[38:2::95:135:175ma\033[0;38:5:9mb\033[0;38:2:9:9:9:1mc\033[0;4:0md\033[38;7me");
	cells = terminal_view_row(&f.terminal, 0);
	assert_int_equal(cells[0].foreground, 67);
	assert_int_equal(cells[1].foreground, 9);
	assert_int_equal(cells[3].attributes, 0);
}

/* A character that is cut by a control, or by a sequence, is replaced before it. */
static void test_cut_characters(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\342\224\rb\360\237\033[3Cd\303");
	assert_string_equal(row_text(&f, 0), "b#   d");
	say(&f, "\244\300\201\n");
	assert_string_equal(row_text(&f, 0), "b#   d###");
}

/* Two columns or none: not half of one. */
static void test_wide_characters(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "\033[?7l\033[12G\344\270\255");
	assert_int_equal(terminal_view_row(&f.terminal, 0)[COLUMNS - 2].character, 0x4e2d);
	assert_int_equal(terminal_view_row(&f.terminal, 0)[COLUMNS - 1].character, 0);
	assert_cursor(&f, COLUMNS - 1, 0);
	say(&f, "\033[?7h\033[2;1Hab\033[2;1H\033[4h\344\270\255");
	assert_string_equal(row_text(&f, 1) + 2, "ab"); /* room was made for two columns */
}

/* The levels of a log are colours of text for which nobody asked for one. */
static void test_usual_colour(void **state)
{
	struct fixture f;
	const struct cell *cells;

	(void)state;
	start(&f);
	f.terminal.usual_foreground = 9;
	say(&f, "a\033[32mb\033[39mc\033[0md");
	f.terminal.usual_foreground = 7;
	say(&f, "e");
	cells = terminal_view_row(&f.terminal, 0);
	assert_int_equal(cells[0].foreground, 9);
	assert_int_equal(cells[1].foreground, 2);
	assert_int_equal(cells[2].foreground, 9);
	assert_int_equal(cells[3].foreground, 9);
	assert_int_equal(cells[4].foreground, 7);
}

/* Without an alternate screen the sequences for it only save and restore. */
static void test_without_alternate(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	terminal_start(&f.terminal, COLUMNS, ROWS, f.cells, LINES, false);
	say(&f, "abc\033[?1049hdef\033[?1049lg\033c");
	assert_string_equal(row_text(&f, 0), "");
}

static void test_move(void **state)
{
	static struct cell cells[(COLUMNS + 5) * 2 * LINES];
	struct fixture f;

	(void)state;
	start(&f);
	say(&f, "1\r\n2\r\n3\r\n4\r\n5\r\n6\033[2;3r\033[4;5H");
	terminal_move(&f.terminal, COLUMNS, ROWS + 3, cells, 2 * LINES);
	assert_string_equal(row_text(&f, 0), "2");
	assert_string_equal(row_text(&f, 4), "6");
	assert_cursor(&f, 4, 3);
	assert_int_equal(f.terminal.bottom, ROWS + 3);
	say(&f, "\033[8;1Hend");
	terminal_move(&f.terminal, COLUMNS, 2, f.cells, LINES); /* the cursor's row stays on the screen */
	assert_string_equal(row_text(&f, 1), "end");
	assert_cursor(&f, 3, 1);
}

/* Mostly just too large, now and then by far. */
static unsigned int any_number(struct dice *dice, unsigned int size)
{
	return (unsigned int)(dice_below(dice, 4) ? dice_below(dice, 2 * size) : dice_roll(dice));
}

/* An NMI may leave any numbers behind in the middle of anything: no cell outside is touched, and nothing hangs. */
static void test_numbers_from_an_nmi(void **state)
{
	struct dice dice = dice_take("terminal and NMIs");
	static const char *const words[] = {"a", "text\n", "\033[5;5H", "\033[@", "\033[P", "\033[L", "\033[M",
	        "\033[J", "\033[1J", "\033[K", "\033[1K", "\033[X", "\t", "\b", "\033[Z", "\033[H", "\033[S", "\033[T",
	        "\033M", "\344\270\255", "\033[A", "\033[6n", "\r", "\0337", "\0338", "\033H", "\033[g", "\033[4h",
	        "\033[4l"};

	(void)state;
	for (uint64_t round = dice_rounds(2000); round > 0; round--) {
		struct cell *cells = malloc(LINES * COLUMNS * sizeof(*cells)); /* the sanitizer sees where it ends */
		struct fixture f;

		start(&f);
		terminal_start(&f.terminal, COLUMNS, ROWS, cells, LINES, false);
		for (unsigned int i = 0; i < 30; i++) {
			f.terminal.column = any_number(&dice, COLUMNS);
			f.terminal.row = any_number(&dice, ROWS);
			f.terminal.top = (unsigned int)dice_below(&dice, ROWS);
			f.terminal.bottom = (unsigned int)dice_below(&dice, 2 * ROWS);
			f.terminal.wraps = dice_below(&dice, 2);
			say(&f, words[dice_below(&dice, sizeof(words) / sizeof(words[0]))]);
		}
		free(cells);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_kept_lines),
	        cmocka_unit_test(test_what_is_not_kept),
	        cmocka_unit_test(test_new_line),
	        cmocka_unit_test(test_full_lines),
	        cmocka_unit_test(test_replies),
	        cmocka_unit_test(test_soft_reset),
	        cmocka_unit_test(test_reset),
	        cmocka_unit_test(test_save_by_csi),
	        cmocka_unit_test(test_several_modes),
	        cmocka_unit_test(test_strings),
	        cmocka_unit_test(test_senseless_sequences),
	        cmocka_unit_test(test_graphics_by_iso),
	        cmocka_unit_test(test_cut_characters),
	        cmocka_unit_test(test_wide_characters),
	        cmocka_unit_test(test_usual_colour),
	        cmocka_unit_test(test_without_alternate),
	        cmocka_unit_test(test_move),
	        cmocka_unit_test(test_numbers_from_an_nmi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
