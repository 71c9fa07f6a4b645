/*
 * The line editor: each key by what it does to the line, and its drawing by libvterm, which plays the terminal:
 * whatever keys are typed, it shows prompt and line and has its cursor at the right place, also when lines of a log
 * come in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#if __has_include(<vterm.h>)
#include <vterm.h>
#endif

#include "dice.h"
#include "lib/utf8.h"
#include "tty/line_editor.h"

#define PROMPT       "cairn> "
#define MARK         "\xcc\x81"
#define CTRL(letter) ((letter)&0x1f)

static struct line_history history;
static struct line_editor editor;

static struct key_event character(uint32_t unicode)
{
	return (struct key_event){.unicode = unicode};
}

static struct key_event key(enum input_key code)
{
	return (struct key_event){.key = (uint8_t)code};
}

static void begin(void)
{
	line_editor_start(&editor, PROMPT, 80, &history);
}

static enum line_result press(struct key_event event)
{
	return line_editor_key(&editor, &event);
}

static void type(const char *text)
{
	struct utf8 utf8 = {0};

	for (; *text != '\0'; text++) {
		if (utf8_take(&utf8, (uint8_t)*text) == UTF8_CHARACTER)
			assert_int_equal(press(character(utf8.character)), LINE_EDITING);
	}
}

static void press_times(struct key_event event, unsigned int times)
{
	while (times-- > 0)
		assert_int_equal(press(event), LINE_EDITING);
}

static void with(struct key_event event, uint8_t modifiers)
{
	event.modifiers = modifiers;
	assert_int_equal(press(event), LINE_EDITING);
}

static void expect(const char *text, size_t cursor)
{
	assert_string_equal(editor.text, text);
	assert_int_equal(editor.length, strlen(text));
	assert_int_equal(editor.cursor, cursor);
}

static void enter(const char *text)
{
	begin();
	type(text);
	assert_int_equal(press(character('\n')), LINE_ENTERED);
	line_history_add(&history, editor.text);
	begin();
}

/* ---- keys ---- */

static void test_moving(void **state)
{
	(void)state;
	begin();
	type("abc d\xc3\xa4 e");
	expect("abc d\xc3\xa4 e", 9);
	press_times(key(KEY_LEFT), 3);
	expect("abc d\xc3\xa4 e", 5);
	press_times(key(KEY_RIGHT), 1);
	type("!");
	expect("abc d\xc3\xa4! e", 8);
	press(key(KEY_HOME));
	type("<");
	press(key(KEY_END));
	type(">");
	expect("<abc d\xc3\xa4! e>", 12);
	press(character(CTRL('A')));
	press_times(character(CTRL('F')), 2);
	press_times(character(CTRL('B')), 1);
	assert_int_equal(editor.cursor, 1);
	with(character('f'), INPUT_ALT);
	assert_int_equal(editor.cursor, 4);
	with(key(KEY_RIGHT), INPUT_CONTROL);
	assert_int_equal(editor.cursor, 8);
	with(key(KEY_RIGHT), INPUT_CONTROL);
	assert_int_equal(editor.cursor, 11);
	with(character('b'), INPUT_ALT);
	assert_int_equal(editor.cursor, 10);
	with(key(KEY_LEFT), INPUT_CONTROL);
	assert_int_equal(editor.cursor, 5);
	press(character(CTRL('E')));
	assert_int_equal(editor.cursor, 12);
	press(key(KEY_RIGHT));
	assert_int_equal(editor.cursor, 12);
}

static void test_deleting(void **state)
{
	(void)state;
	begin();
	type("a\xe6\xbc\xa2"
	     "e\xcc\x81z");
	press_times(key(KEY_LEFT), 1);
	press(character('\b')); /* a letter and its accent go together */
	expect("a\xe6\xbc\xa2z", 4);
	press(character(127));
	expect("az", 1);
	press(key(KEY_DELETE));
	expect("a", 1);
	press(key(KEY_DELETE));
	expect("a", 1);
	press(key(KEY_HOME));
	press(character('\b'));
	assert_int_equal(press(character(CTRL('D'))), LINE_EDITING);
	expect("", 0);
	assert_int_equal(press(character(CTRL('D'))), LINE_CLOSED);
}

static void test_cutting(void **state)
{
	(void)state;
	begin();
	type("one two-three four");
	press(character(CTRL('W')));
	expect("one two-three ", 14);
	press(character(CTRL('W')));
	expect("one ", 4);
	press(character(CTRL('Y')));
	expect("one two-three ", 14);
	with(character('\b'), INPUT_ALT);
	expect("one two-", 8);
	press(key(KEY_HOME));
	with(character('d'), INPUT_ALT);
	expect(" two-", 0);
	press_times(key(KEY_RIGHT), 2);
	press(character(CTRL('K')));
	expect(" t", 2);
	press(character(CTRL('Y')));
	expect(" two-", 5);
	press_times(key(KEY_LEFT), 1);
	press(character(CTRL('U')));
	expect("-", 0);
	press(character(CTRL('Y')));
	expect(" two-", 4);
}

static void test_history(void **state)
{
	(void)state;
	memset(&history, 0, sizeof(history));
	enter("first");
	enter("second");
	enter("");
	enter("third");
	enter("first");
	type("own");
	press(key(KEY_UP));
	expect("first", 5);
	press(key(KEY_UP));
	expect("third", 5);
	press(character(CTRL('P')));
	expect("second", 6);
	press(key(KEY_UP));
	expect("second", 6);
	press_times(key(KEY_DOWN), 2);
	expect("first", 5);
	press(character(CTRL('N')));
	expect("own", 3);
	press(key(KEY_DOWN));
	expect("own", 3);
}

static void test_history_is_bounded(void **state)
{
	char line[LINE_TEXT_MAX + 1];
	size_t position;
	unsigned int count = 0;

	(void)state;
	memset(&history, 0, sizeof(history));
	memset(line, 'x', sizeof(line));
	line[LINE_TEXT_MAX] = '\0';
	for (int i = 0; i < 26; i++) {
		line[0] = (char)('a' + i);
		line_history_add(&history, line);
	}
	position = history.length;
	for (const char *found; (found = line_history_previous(&history, &position)) != NULL; count++)
		assert_int_equal(found[0], 'z' - (int)count);
	assert_int_equal(count, LINE_HISTORY_SIZE / sizeof(line));
}

static void test_search(void **state)
{
	(void)state;
	memset(&history, 0, sizeof(history));
	enter("log debug");
	enter("help log");
	enter("time");
	type("own");
	press(character(CTRL('R')));
	type("lo");
	expect("help log", 8);
	press(character(CTRL('R')));
	expect("log debug", 9);
	press(character(CTRL('R')));
	expect("log debug", 9);
	press(character(CTRL('G')));
	expect("own", 3);
	press(character(CTRL('R')));
	press(key(KEY_LEFT_SHIFT));
	type("ime\xc3\xa4");
	press(character('\b'));
	expect("time", 4);
	press(key(KEY_LEFT));
	assert_false(editor.is_searching);
	expect("time", 3);
	press(character(CTRL('R')));
	type("deb");
	assert_int_equal(press(character('\n')), LINE_ENTERED);
	expect("log debug", 9);
}

static void test_results(void **state)
{
	(void)state;
	begin();
	type("text");
	assert_int_equal(press(character(CTRL('C'))), LINE_INTERRUPTED);
	assert_int_equal(press(character(CTRL('L'))), LINE_CLEAR);
	assert_int_equal(press(character('\t')), LINE_COMPLETION);
	assert_int_equal(press(character('\r')), LINE_ENTERED);
	assert_int_equal(press((struct key_event){.key = KEY_ENTER, .action = INPUT_RELEASE}), LINE_EDITING);
	for (uint32_t c = 0; c < ' '; c++) {
		if (strchr("\x01\x02\x03\x04\x05\x06\b\t\n\x0b\x0c\r\x0e\x10\x12\x15\x17\x19", (int)c) == NULL)
			assert_int_equal(press(character(c)), LINE_EDITING);
	}
	press(character(0x85));
	press(key(KEY_F1));
	expect("text", 4);
	line_editor_insert(&editor, "\033a\xff\xc3\xa4\n", 6);
	expect("texta\xc3\xa4", 7);
}

static void test_full(void **state)
{
	(void)state;
	begin();
	for (unsigned int i = 0; i < LINE_TEXT_MAX; i++)
		press(character('x'));
	assert_false(editor.rings);
	press(character('y'));
	assert_true(editor.rings);
	assert_int_equal(editor.length, LINE_TEXT_MAX);
	press(character(CTRL('U')));
	press(character(CTRL('Y')));
	assert_int_equal(editor.length, LINE_TEXT_MAX);
	press(character(CTRL('Y')));
	assert_int_equal(editor.length, LINE_TEXT_MAX);
}

/* ---- the terminal ---- */

#if __has_include(<vterm.h>)

struct screen {
	VTerm *terminal;
	VTermScreen *cells;
	int rows, columns;
};

static void screen_open(struct screen *screen, int rows, int columns)
{
	screen->terminal = vterm_new(rows, columns);
	screen->rows = rows;
	screen->columns = columns;
	vterm_set_utf8(screen->terminal, 1);
	screen->cells = vterm_obtain_screen(screen->terminal);
	vterm_screen_reset(screen->cells, 1);
}

/* As the log's sinks do: a line's end also goes back to the left. */
static void screen_write(struct screen *screen, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			vterm_input_write(screen->terminal, "\r", 1);
		vterm_input_write(screen->terminal, text + i, 1);
	}
}

#define MARKED 0x80000000u

/* A row as text; marks are a bit of their letter. The second column of a wide character is none. */
static void screen_row(struct screen *screen, int row, uint32_t *characters)
{
	VTermScreenCell cell;

	for (int column = 0; column < screen->columns; column++) {
		vterm_screen_get_cell(screen->cells, (VTermPos){.row = row, .col = column}, &cell);
		characters[column] = cell.chars[0] == 0 ? ' ' : cell.chars[0] | (cell.chars[1] != 0 ? MARKED : 0);
		if (cell.width == 2)
			characters[++column] = 0;
	}
}

struct expected {
	uint32_t cells[80][160];
	int rows, row, column; /* the cursor */
};

static void expect_blank_row(struct expected *wanted, int row)
{
	for (size_t i = 0; i < 160; i++)
		wanted->cells[row][i] = ' ';
}

/* Where everything has to stand, laid out by the plainest means. Marks are left out: they are in the cells of others.
 */
static void lay_out(struct expected *wanted, const char *text, size_t cursor, unsigned int columns)
{
	struct utf8 utf8 = {0};
	unsigned int row = 0, column = 0;
	uint32_t *last = NULL;

	wanted->row = -1;
	expect_blank_row(wanted, 0);
	for (size_t i = 0, begin = 0; text[i] != '\0'; i++) {
		unsigned int width;

		if (utf8_take(&utf8, (uint8_t)text[i]) != UTF8_CHARACTER)
			continue;
		width = utf8_width(utf8.character);
		if (column + width > columns) {
			expect_blank_row(wanted, (int)++row);
			column = 0;
		}
		if (width > 0 && begin <= cursor) { /* of marks and their letter, the letter */
			wanted->row = (int)row;
			wanted->column = (int)column;
		}
		if (width > 0)
			last = &wanted->cells[row][column];
		*last = width > 0 ? utf8.character : *last | MARKED;
		if (width == 2)
			wanted->cells[row][column + 1] = 0;
		column += width;
		begin = i + 1;
	}
	if (column == columns) {
		expect_blank_row(wanted, (int)++row);
		column = 0;
	}
	if (cursor == strlen(text)) {
		wanted->row = (int)row;
		wanted->column = (int)column;
	}
	wanted->rows = (int)row + 1;
}

static void check_screen(struct screen *screen, const char *above)
{
	static struct expected wanted;
	char text[LINE_PROMPT_MAX + LINE_TEXT_MAX + 1];
	char prompt[LINE_PROMPT_MAX + 1] = PROMPT;
	uint32_t row[160];
	VTermPos cursor;
	size_t marks = 0;
	int first;

	if (editor.is_searching)
		snprintf(prompt, sizeof(prompt), "(search: %s) ", editor.pattern);
	while (memcmp(editor.text + marks, MARK, strlen(MARK)) == 0)
		marks += strlen(MARK); /* they have no letter to stand on, and are not shown */
	snprintf(text, sizeof(text), "%s%s", prompt, editor.text + marks);
	lay_out(&wanted, text, strlen(prompt) + (editor.cursor > marks ? editor.cursor - marks : 0), editor.columns);
	vterm_state_get_cursorpos(vterm_obtain_state(screen->terminal), &cursor);
	first = cursor.row - wanted.row;
	assert_int_equal(cursor.col, wanted.column);
	assert_true(first >= 0);
	for (int i = 0; first + i < screen->rows; i++) {
		screen_row(screen, first + i, row);
		if (i >= wanted.rows)
			expect_blank_row(&wanted, i);
		for (int column = 0; column < screen->columns; column++) {
			if (row[column] != wanted.cells[i][column])
				fail_msg("row %d of '%s', column %d: U+%04X instead of U+%04X; %u columns, cursor in "
				         "row %d",
				        i, text, column, row[column], wanted.cells[i][column], editor.columns,
				        wanted.row);
		}
	}
	if (above == NULL)
		return;
	assert_true(first >= 1);
	screen_row(screen, first - 1, row);
	for (size_t i = 0; i < strlen(above); i++)
		assert_int_equal(row[i], above[i]);
}

static struct key_event random_key(struct dice *dice, bool with_marks)
{
	static const uint8_t keys[] = {
	        KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_DELETE, KEY_UP, KEY_DOWN, KEY_LEFT, KEY_F1};
	static const uint32_t letters[] = {'a', 'b', ' ', 'z', '~', 0xe4, 0x20ac, 0x6f22, 0x5b57, '.', 'e'};
	static const uint32_t controls[] = {CTRL('A'), CTRL('B'), CTRL('E'), CTRL('F'), CTRL('K'), CTRL('U'), CTRL('W'),
	        CTRL('Y'), CTRL('Y'), CTRL('D'), CTRL('H'), CTRL('H'), CTRL('P'), CTRL('N'), CTRL('R'), CTRL('G'), 127};
	uint64_t what = dice_below(dice, 10);
	struct key_event event = {0};

	if (what == 0 && with_marks)
		event.unicode = 0x301;
	else if (what < 6)
		event.unicode = letters[dice_below(dice, sizeof(letters) / sizeof(letters[0]))];
	else if (what < 8)
		event.key = keys[dice_below(dice, sizeof(keys))];
	else
		event.unicode = controls[dice_below(dice, sizeof(controls) / sizeof(controls[0]))];
	if (dice_below(dice, 12) == 0)
		event.modifiers = dice_below(dice, 2) ? INPUT_ALT : INPUT_CONTROL;
	return event;
}

static void fill_history(struct dice *dice)
{
	char line[200];

	memset(&history, 0, sizeof(history));
	for (int i = 0; i < 6; i++) {
		size_t length = dice_below(dice, sizeof(line));

		for (size_t at = 0; at < length; at++)
			line[at] = (char)(' ' + dice_below(dice, 95));
		line[length] = '\0';
		line_history_add(&history, line);
	}
}

static void type_at_random(struct dice *dice, struct screen *screen, bool with_marks)
{
	char above[32] = "";

	for (int i = 0; i < 300; i++) {
		struct key_event event = random_key(dice, with_marks);
		struct line_changes changes;

		for (int burst = (int)dice_below(dice, 40) == 0 ? 200 : 1; burst > 0; burst--)
			line_editor_key(&editor, &event);
		changes = line_editor_draw(&editor);
		screen_write(screen, changes.bytes, changes.length);
		check_screen(screen, i == 0 || above[0] == '\0' ? NULL : above);
		if (dice_below(dice, 8) != 0)
			continue;
		snprintf(above, sizeof(above), "log line %d", i);
		screen_write(screen, changes.hide, changes.hide_length);
		screen_write(screen, above, strlen(above));
		screen_write(screen, "\n", 1);
		screen_write(screen, changes.show, changes.show_length);
		check_screen(screen, above);
	}
}

/* Up to 70 rows are needed for a full line; so that it scrolls, the terminal has few more. */
static void test_screen(void **state)
{
	struct dice dice = dice_take("test_line_editor screen");

	(void)state;
	for (uint64_t round = 0; round < dice_rounds(30); round++) {
		int columns = 20 + (int)dice_below(&dice, 100);
		bool with_marks = dice_below(&dice, 2); /* in the last column libvterm gives them a row of their own */
		struct line_changes changes;
		struct screen screen;
		VTermPos cursor;

		screen_open(&screen, 75, columns + (with_marks ? 1 + (int)dice_below(&dice, 39) : 0));
		fill_history(&dice);
		memset(&editor, 0, sizeof(editor)); /* also of what was cut */
		line_editor_start(&editor, PROMPT, (unsigned int)columns, &history);
		type_at_random(&dice, &screen, with_marks);
		changes = line_editor_leave(&editor);
		screen_write(&screen, changes.bytes, changes.length);
		vterm_state_get_cursorpos(vterm_obtain_state(screen.terminal), &cursor);
		assert_int_equal(cursor.col, 0);
		vterm_free(screen.terminal);
	}
}

#else

static void test_screen(void **state)
{
	(void)state;
	print_message("NOT RUN: the line on a terminal: libvterm is not here (sh tools/setup.sh installs it)\n");
	skip();
}

#endif

/* What people do most costs least. */
static void test_bytes(void **state)
{
	struct line_changes changes;

	(void)state;
	begin();
	changes = line_editor_draw(&editor);
	assert_int_equal(changes.length, strlen(PROMPT));
	type("x");
	changes = line_editor_draw(&editor);
	assert_int_equal(changes.length, 1);
	press(key(KEY_LEFT));
	changes = line_editor_draw(&editor);
	assert_int_equal(changes.length, 1);
	assert_int_equal(changes.bytes[0], '\b');
	changes = line_editor_draw(&editor);
	assert_int_equal(changes.length, 0);
	changes = line_editor_leave(&editor);
	assert_int_equal(changes.length, 3 + 1);
	assert_memory_equal(changes.bytes, "\033[C\n", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_moving),
	        cmocka_unit_test(test_deleting),
	        cmocka_unit_test(test_cutting),
	        cmocka_unit_test(test_history),
	        cmocka_unit_test(test_history_is_bounded),
	        cmocka_unit_test(test_search),
	        cmocka_unit_test(test_results),
	        cmocka_unit_test(test_full),
	        cmocka_unit_test(test_bytes),
	        cmocka_unit_test(test_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
