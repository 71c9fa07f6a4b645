/*
 * What a display shows is what the terminal holds, after every drawing, and little is drawn for it. The display here
 * keeps cells, counts what it is asked for, and may refuse to scroll.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "tty/painter.h"

struct fake {
	struct display display;
	struct cell *cells;
	unsigned int column, row; /* of the cursor */
	bool visible;
	bool refuses;
	bool is_shown; /* the cursor was moved after the last drawing */
	unsigned int calls, drawn, scrolls;
	void (*in_the_middle)(void); /* is called once, in the middle of drawing */
};

struct screen {
	struct terminal terminal;
	struct painter painter;
	struct fake fake;
	struct cell *cells, *shown, *alternate;
};

static struct cell *fake_cell(struct fake *fake, unsigned int column, unsigned int row)
{
	return &fake->cells[row * fake->display.columns + column];
}

static void blank(struct cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cells[i] = CELL_BLANK;
}

static void interrupt(struct fake *fake)
{
	void (*call)(void) = fake->in_the_middle;

	fake->in_the_middle = NULL;
	if (call != NULL)
		call();
}

static void fake_draw(
        struct display *display, unsigned int column, unsigned int row, const struct cell *cells, unsigned int count)
{
	struct fake *fake = (struct fake *)display;

	assert_true(row < display->rows && column < display->columns && count <= display->columns - column);
	assert_true(count > 0);
	for (unsigned int i = 0; i < count; i++) {
		if (i == count / 2)
			interrupt(fake);
		*fake_cell(fake, column + i, row) = cells[i];
	}
	fake->calls++;
	fake->drawn += count;
	fake->is_shown = false;
}

static bool fake_scroll(struct display *display, unsigned int lines)
{
	struct fake *fake = (struct fake *)display;
	size_t moved = (size_t)lines * display->columns, all = (size_t)display->rows * display->columns;

	assert_true(lines > 0 && lines < display->rows);
	if (fake->refuses)
		return false;
	memmove(fake->cells, fake->cells + moved, (all - moved) * sizeof(struct cell));
	blank(fake->cells + all - moved, moved);
	interrupt(fake);
	fake->scrolls++;
	fake->is_shown = false;
	return true;
}

static void fake_move_cursor(struct display *display, unsigned int column, unsigned int row, bool visible)
{
	struct fake *fake = (struct fake *)display;

	fake->column = column;
	fake->row = row;
	fake->visible = visible;
	fake->is_shown = true;
}

static void screen_start(struct screen *screen, unsigned int columns, unsigned int rows, unsigned int lines)
{
	memset(screen, 0, sizeof(*screen));
	screen->cells = malloc(lines * columns * sizeof(struct cell));
	screen->shown = malloc(rows * columns * sizeof(struct cell));
	screen->alternate = malloc(rows * columns * sizeof(struct cell));
	screen->fake.cells = malloc(rows * columns * sizeof(struct cell));
	screen->fake.display = (struct display){.name = "fake",
	        .columns = columns,
	        .rows = rows,
	        .draw = fake_draw,
	        .scroll = fake_scroll,
	        .move_cursor = fake_move_cursor};
	screen->fake.is_shown = true;
	blank(screen->fake.cells, rows * columns);
	terminal_start(&screen->terminal, columns, rows, screen->cells, lines, true);
	terminal_set_alternate(&screen->terminal, screen->alternate);
	painter_start(&screen->painter, &screen->terminal, &screen->fake.display, screen->shown);
}

static void screen_end(struct screen *screen)
{
	free(screen->cells);
	free(screen->shown);
	free(screen->alternate);
	free(screen->fake.cells);
}

static void say(struct screen *screen, const char *text)
{
	terminal_write(&screen->terminal, text, strlen(text));
}

static void assert_shown(struct screen *screen)
{
	const struct terminal *terminal = &screen->terminal;
	unsigned int cursor_row;

	for (unsigned int row = 0; row < terminal->rows; row++)
		assert_memory_equal(terminal_view_row(terminal, row), fake_cell(&screen->fake, 0, row),
		        terminal->columns * sizeof(struct cell));
	assert_int_equal(screen->fake.visible, terminal_view_cursor(terminal, &cursor_row));
	if (screen->fake.visible) {
		assert_int_equal(screen->fake.column, terminal->column);
		assert_int_equal(screen->fake.row, cursor_row);
	}
	assert_true(screen->fake.is_shown);
}

static void draw(struct screen *screen)
{
	screen->fake.calls = screen->fake.drawn = screen->fake.scrolls = 0;
	painter_draw(&screen->painter);
	assert_shown(screen);
}

static void test_only_what_differs(void **state)
{
	struct screen screen;

	(void)state;
	screen_start(&screen, 80, 25, 25);
	say(&screen, "Hello");
	draw(&screen);
	assert_int_equal(screen.fake.drawn, 5);
	assert_int_equal(screen.fake.calls, 1);
	say(&screen, "\rHellp");
	draw(&screen);
	assert_int_equal(screen.fake.drawn, 1);
	say(&screen, "\r\033[2K\rHellp");
	draw(&screen);
	assert_int_equal(screen.fake.drawn, 0);
	say(&screen, "\033[2Jx\033[2;70Hy");
	draw(&screen);
	assert_int_equal(screen.fake.drawn, 5 + 1 + 1); /* "Hellp" is blank now, "x" stands behind it, "y" below */
	say(&screen, "\033[5;5H");                      /* the cursor alone */
	draw(&screen);
	assert_int_equal(screen.fake.drawn, 0);
	say(&screen, "\033[?25l");
	draw(&screen);
	draw(&screen);
	screen_end(&screen);
}

/* Two ends of a line are two small runs, and what is near stays in one. */
static void test_runs(void **state)
{
	struct screen screen;

	(void)state;
	screen_start(&screen, 80, 25, 25);
	say(&screen, "\033[Ha\033[1;80Hb");
	draw(&screen);
	assert_int_equal(screen.fake.calls, 2);
	assert_int_equal(screen.fake.drawn, 2);
	say(&screen, "\033[Hc\033[1;4Hd");
	draw(&screen);
	assert_int_equal(screen.fake.calls, 1);
	assert_int_equal(screen.fake.drawn, 4);
	screen_end(&screen);
}

/* A line that scrolls is one line drawn; a thousand between two drawings are one screen. */
static void test_scrolling(void **state)
{
	struct screen screen;

	(void)state;
	screen_start(&screen, 80, 25, 100);
	for (unsigned int i = 0; i < 25; i++)
		say(&screen, "a line of thirty characters...\n");
	draw(&screen);
	for (unsigned int i = 0; i < 300; i++) {
		say(&screen, i % 2 ? "a line of thirty characters...\n" : "and another line, of 35 characters.\n");
		draw(&screen);
		assert_int_equal(screen.fake.scrolls, 1);
		assert_int_equal(screen.fake.calls, 1);
		assert_true(screen.fake.drawn <= 35);
	}
	for (unsigned int i = 0; i < 10; i++)
		say(&screen, "ten lines between two drawings\n");
	draw(&screen);
	assert_int_equal(screen.fake.scrolls, 1);
	assert_true(screen.fake.drawn <= 10 * 30);
	for (unsigned int i = 0; i < 1000; i++)
		say(&screen, "a thousand lines between two drawings\n");
	draw(&screen);
	assert_int_equal(screen.fake.scrolls, 0);
	assert_true(screen.fake.drawn <= 24 * 37);
	screen_end(&screen);
}

/* Without scrolling the same is shown, and cells that are alike in two lines are not drawn. */
static void test_refused(void **state)
{
	struct screen screen;

	(void)state;
	for (unsigned int can = 0; can < 2; can++) {
		screen_start(&screen, 80, 25, 100);
		screen.fake.refuses = true;
		if (!can)
			screen.fake.display.scroll = NULL;
		for (unsigned int i = 0; i < 100; i++) {
			say(&screen, i % 2 ? "the same but for a digit: 1\n" : "the same but for a digit: 2\n");
			draw(&screen);
			assert_true(screen.fake.drawn <= 25 + 27);
		}
		screen_end(&screen);
	}
}

static void test_bright_background_scrolls_in(void **state)
{
	struct screen screen;

	(void)state;
	screen_start(&screen, 20, 5, 20);
	say(&screen, "\033[44m1\n2\n3\n4\n5\n6\n7");
	draw(&screen);
	say(&screen, "\n\n8");
	draw(&screen);
	screen_end(&screen);
}

static void test_view(void **state)
{
	struct screen screen;
	char line[16];

	(void)state;
	screen_start(&screen, 20, 5, 50);
	for (unsigned int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "line %u\n", i);
		say(&screen, line);
	}
	draw(&screen);
	assert_true(screen.fake.visible);
	terminal_scroll_view(&screen.terminal, 10);
	draw(&screen);
	assert_int_equal(fake_cell(&screen.fake, 5, 0)->character, '8'); /* 86 */
	assert_int_equal(fake_cell(&screen.fake, 6, 0)->character, '6');
	assert_false(screen.fake.visible);
	terminal_scroll_view(&screen.terminal, -8);
	draw(&screen);
	assert_int_equal(fake_cell(&screen.fake, 6, 0)->character, '4'); /* 94 */
	assert_false(screen.fake.visible);
	terminal_scroll_view(&screen.terminal, -1000);
	draw(&screen);
	assert_true(screen.fake.visible);
	terminal_scroll_view(&screen.terminal, 1000);
	draw(&screen);
	assert_int_equal(fake_cell(&screen.fake, 5, 0)->character, '5'); /* 51, the oldest of 50 lines */
	assert_int_equal(fake_cell(&screen.fake, 6, 0)->character, '1');
	say(&screen, "back"); /* what is said brings the view back */
	draw(&screen);
	assert_true(screen.fake.visible);
	assert_int_equal(fake_cell(&screen.fake, 0, 4)->character, 'b');
	terminal_scroll_view(&screen.terminal, INT32_MIN);
	draw(&screen);
	terminal_scroll_view(&screen.terminal, INT32_MAX);
	draw(&screen);
	screen_end(&screen);
}

/* The display stays as it is when the terminal grows under it. */
static void test_growing(void **state)
{
	struct screen screen;
	struct cell *cells = malloc(60 * 90 * sizeof(struct cell)), *shown = malloc(60 * 30 * sizeof(struct cell));

	(void)state;
	screen_start(&screen, 60, 30, 30);
	terminal_start(&screen.terminal, 20, 10, screen.cells, 10, true);
	painter_start(&screen.painter, &screen.terminal, &screen.fake.display, screen.shown);
	for (unsigned int i = 0; i < 14; i++)
		say(&screen, "some lines before\n");
	painter_draw(&screen.painter);
	terminal_move(&screen.terminal, 60, 30, cells, 90);
	painter_move(&screen.painter, 20, 10, shown);
	draw(&screen);
	assert_int_equal(screen.fake.drawn, 0);
	for (unsigned int i = 0; i < 40; i++) {
		say(&screen, "some more lines, which are longer than before\n");
		draw(&screen);
	}
	assert_int_equal(screen.terminal.main.kept, 20);
	screen_end(&screen);
	free(cells);
	free(shown);
}

static struct screen *victim;

static void print_in_the_middle(void)
{
	say(victim, "\nan NMI says this in the middle\n");
	painter_draw_now(&victim->painter);
}

/* Whoever prints while something is being drawn leaves nothing behind that is not shown. */
static void test_emergency(void **state)
{
	struct screen screen;

	(void)state;
	screen_start(&screen, 40, 10, 10);
	victim = &screen;
	for (unsigned int i = 0; i < 30; i++) {
		say(&screen, "a line that is interrupted\nand another one\n");
		screen.fake.in_the_middle = print_in_the_middle;
		painter_draw(&screen.painter);
		assert_shown(&screen);
	}
	screen_end(&screen);
}

/* Between taking an order and carrying it out interrupts are let in: one of them may be the end. */
static void test_emergency_in_between(void **state)
{
	struct screen screen;

	(void)state;
	for (unsigned int orders = 1; orders < 12; orders++) {
		struct painter_order order;

		screen_start(&screen, 40, 10, 10);
		victim = &screen;
		for (unsigned int i = 0; i < 12; i++) {
			say(&screen, i % 3 == 0 ? "a line\n" : "a line\nanother one\nand more\n");
			for (unsigned int n = 0; n < orders; n++) {
				order = painter_next(&screen.painter);
				if (n + 1 < orders)
					painter_carry_out(&screen.painter, &order);
			}
			print_in_the_middle();
			assert_shown(&screen);
			painter_carry_out(&screen.painter, &order);
			painter_draw(&screen.painter);
			assert_shown(&screen);
		}
		screen_end(&screen);
	}
}

static void write_at_random(struct dice *dice, struct screen *screen)
{
	static const char *const words[] = {"word ", "\n", "\n", "\r", "\033[H", "\033[2J", "\033[K", "\033[31m",
	        "\033[44m", "\033[m", "\033[L", "\033[3M", "\033M", "\033[S", "\033[2T", "\033[3;6r", "\033[r",
	        "\033[5;5H", "\033[@", "\033[3P", "\033[?25l", "\033[?25h", "\033[?1049h", "\033[?1049l", "\033[9X",
	        "\344\270\255", "\033[7m", "\033[3J", "\033c"};

	say(screen, words[dice_below(dice, sizeof(words) / sizeof(words[0]))]);
}

static void test_random(void **state)
{
	struct dice dice = dice_take("painter");
	struct screen screen;

	(void)state;
	for (uint64_t round = dice_rounds(60); round > 0; round--) {
		unsigned int rows = 1 + (unsigned int)dice_below(&dice, 12);

		screen_start(&screen, 2 + (unsigned int)dice_below(&dice, 40), rows,
		        rows + (unsigned int)dice_below(&dice, 20));
		for (unsigned int i = 0; i < 400; i++) {
			for (uint64_t n = dice_below(&dice, dice_below(&dice, 4) ? 4 : 100); n > 0; n--)
				write_at_random(&dice, &screen);
			if (dice_below(&dice, 8) == 0)
				terminal_scroll_view(&screen.terminal, (int)dice_below(&dice, 20) - 10);
			screen.fake.refuses = dice_below(&dice, 8) == 0;
			draw(&screen);
		}
		screen_end(&screen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_only_what_differs),
	        cmocka_unit_test(test_runs),
	        cmocka_unit_test(test_scrolling),
	        cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_bright_background_scrolls_in),
	        cmocka_unit_test(test_view),
	        cmocka_unit_test(test_growing),
	        cmocka_unit_test(test_emergency),
	        cmocka_unit_test(test_emergency_in_between),
	        cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
