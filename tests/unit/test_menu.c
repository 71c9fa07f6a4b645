/* The menu without a machine: keys, lines, pages, time, and what is drawn of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console.h"
#include "dice.h"
#include "menu_clock.h"
#include "menu_keys.h"
#include "menu_picture.h"
#include "menu_serial.h"
#include "menu_view.h"
#include "sample_config.h"

static struct config config;
static struct start start;
static struct menu menu;
static struct canvas canvas;
static char screen[CANVAS_ROWS][CANVAS_COLUMNS + 1];
static unsigned drawn; /* cells */

static int fresh(void **state)
{
	static const char text[] = "default = b\n[a]\n[b]\ncmdline = words of b\n[c]\nkernel = A\nmodules =\n";
	struct config_error error;

	(void)state;
	assert_true(config_parse(&config, text, strlen(text), &sample_config_header, &error));
	menu = (struct menu){.header = &sample_config_header, .config = &config, .complaint = "", .start = &start};
	menu_begin(&menu, 10);
	canvas_begin(&canvas);
	return 0;
}

static void keep(void *context, unsigned row, unsigned column, const uint16_t *cells, unsigned count)
{
	(void)context;
	assert_true(row < CANVAS_ROWS && count > 0 && column + count <= CANVAS_COLUMNS);
	for (unsigned i = 0; i < count; i++)
		screen[row][column + i] = (char)cells[i];
	drawn += count;
}

static void draw(void)
{
	drawn = 0;
	menu_draw(&menu, &canvas);
	canvas_show(&canvas, keep, NULL);
}

static bool is_shown(const char *text)
{
	draw();
	for (unsigned row = 0; row < CANVAS_ROWS; row++)
		if (strstr(screen[row], text))
			return true;
	return false;
}

/* The last key of what a terminal sends, and then is silent. */
static unsigned key_of(const char *bytes, size_t length)
{
	struct menu_sequence sequence = {0};
	unsigned key = KEY_NONE, silence;

	for (size_t i = 0; i < length; i++)
		key = menu_key_of_byte(&sequence, (uint8_t)bytes[i]);
	silence = menu_key_of_silence(&sequence);
	return silence ? silence : key;
}

static void keys_of_terminals(void **state)
{
	static const struct {
		const char *bytes;
		unsigned key;
	} keys[] = {{"a", 'a'}, {"\r", KEY_ENTER}, {"\n", KEY_ENTER}, {"\b", KEY_ERASE}, {"\x7f", KEY_ERASE},
	        {"\x1b", KEY_ESCAPE}, {"\x1b[A", KEY_UP}, {"\x1bOB", KEY_DOWN}, {"\x1b[1;5C", KEY_RIGHT},
	        {"\x1b[D", KEY_LEFT}, {"\x1b[H", KEY_HOME}, {"\x1b[1~", KEY_HOME}, {"\x1b[4~", KEY_END},
	        {"\x1b[3~", KEY_DELETE}, {"\x1b[5~", KEY_PAGE_UP}, {"\x1b[6;2~", KEY_PAGE_DOWN}, {"\x1bOP", KEY_HELP},
	        {"\x1b[11~", KEY_HELP}, {"\x1b[12~", KEY_NONE}, {"\x1b[111~", KEY_NONE}, {"\x1b[[A", KEY_HELP},
	        {"\x1b[[B", KEY_NONE}, {"\x1b[[[", KEY_NONE}, {"\x1b[[Ax", 'x'}, {"\x1b[1[", KEY_NONE},
	        {"\x1b[", KEY_NONE}, {"\x1b\x1b", KEY_ESCAPE}, {"\x1b[\x1b", KEY_ESCAPE}, {"\x1bx", KEY_NONE},
	        {"\x1b[0000000000000000000A", KEY_UP}, {"\x1b[Ax", 'x'}};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(key_of(keys[i].bytes, strlen(keys[i].bytes)), keys[i].key);
	assert_int_equal(menu_key_of_bios(0x4800), KEY_UP);
	assert_int_equal(menu_key_of_bios(0x50e0), KEY_DOWN);
	assert_int_equal(menu_key_of_bios(0x1c0d), KEY_ENTER);
	assert_int_equal(menu_key_of_bios(0x0231), '1');
	assert_int_equal(menu_key_of_bios(0x0100), KEY_NONE);
	assert_int_equal(menu_key_of_bios(0xff00), KEY_NONE);
}

/* A name that does not fit is counted, and so is each one after it. */
static void modules_that_do_not_fit_are_counted(void **state)
{
	static struct image_header header;
	const char text[] = "cmdline = a\tb\n";
	struct config_error error;

	(void)state;
	header = sample_config_header;
	header.module_count = IMAGE_MODULE_MAX;
	for (unsigned i = 0; i < IMAGE_MODULE_MAX; i++)
		snprintf(header.module[i].name, IMAGE_NAME_MAX, "%s%u",
		        i == 4 ? "a-name-that-is-a-lot-longer" : "name-", i);
	assert_true(config_parse(&config, text, strlen(text), &header, &error));
	menu.header = &header;
	menu_begin(&menu, 10);
	assert_true(is_shown("  Modules        name-0, name-1, name-2, name-3 and 12 more "));
	assert_true(is_shown("  Command line   a b ")); /* no terminal and no font shows a tab */
	snprintf(header.module[4].name, IMAGE_NAME_MAX, "c");
	assert_true(is_shown("name-3, c, name-5, name-6 and 9 more "));
	header.module_count = 3;
	config.entry[0].modules = 7;
	assert_true(is_shown("  Modules        name-0, name-1, name-2 "));
}

static void chooses(void **state)
{
	(void)state;
	assert_int_equal(menu.selected, 1);
	assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_START);
	assert_string_equal(start.command_line, "words of b");
	assert_int_equal(start.slot, 1);
	assert_int_equal(start.modules, 3);
	menu_key(&menu, KEY_DOWN);
	menu_key(&menu, KEY_DOWN);
	assert_int_equal(menu.selected, 2);
	assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_START);
	assert_int_equal(start.slot, 0);
	assert_int_equal(start.modules, 0);
	assert_string_equal(start.command_line, "");
	assert_int_equal(menu_key(&menu, '4'), MENU_NOTHING);
	assert_int_equal(menu_key(&menu, '1'), MENU_START);
	assert_int_equal(menu.selected, 0);
	assert_int_equal(menu_key(&menu, 'p'), MENU_NOTHING); /* there was no last run */
}

static void letters_mean_the_same_with_shift(void **state)
{
	(void)state;
	assert_int_equal(menu_key(&menu, 'M'), MENU_MEMORY);
	menu_show_text(&menu, "");
	menu_key(&menu, 'Q');
	assert_int_equal(menu.page, MENU_ENTRIES);
	menu_key(&menu, 'E');
	assert_int_equal(menu.page, MENU_EDITOR);
	menu_key(&menu, 'E');
	assert_string_equal(start.command_line, "words of bE");
}

static void counts_until_a_key_that_means_something(void **state)
{
	(void)state;
	assert_true(is_shown("Starts in 10 seconds; Esc"));
	menu_key(&menu, 'z');
	menu_key(&menu, KEY_CLEAR);
	for (unsigned left = 9; left > 0; left--)
		assert_int_equal(menu_second(&menu), MENU_NOTHING);
	assert_true(is_shown("Starts in 1 second;"));
	menu.selected = 0;
	assert_int_equal(menu_second(&menu), MENU_START);
	assert_string_equal(start.command_line, "words of b");
	fresh(NULL);
	menu_key(&menu, KEY_ESCAPE);
	assert_false(is_shown("Starts in"));
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(menu_second(&menu), MENU_NOTHING);
}

/* It may be longer than a row; what else is said stands below it. */
static void complaint_is_seen_to_its_end(void **state)
{
	struct config_error error = {9, {"a-setting-whose-name-is-far-longer-than-any", 43},
	        "is what nobody knows: there "
	        "are default, timeout, cmdline, kernel and modules"};
	char sentence[CONFIG_SENTENCE_MAX];

	(void)state;
	config_error_say(sentence, "Configuration, line ", &error);
	menu.complaint = sentence;
	menu.last_run = "ended in a panic";
	assert_true(is_shown("Configuration, line 9: 'a-setting-whose-name-is-far-longer-than-..."));
	assert_true(is_shown("cmdline, kernel and modules "));
	assert_true(is_shown("The last run ended in a panic."));
	assert_true(is_shown("Starts in 10 seconds"));
}

static void type(const char *text)
{
	for (; *text; text++)
		assert_int_equal(menu_key(&menu, (uint8_t)*text), MENU_NOTHING);
}

static void edits(void **state)
{
	(void)state;
	type("e");
	assert_true(is_shown("Command line of b  for this start only"));
	assert_true(is_shown("  words of b "));
	assert_int_equal(canvas.cursor, 3 * CANVAS_COLUMNS + 2 + strlen("words of b"));
	type(" and 1");
	menu_key(&menu, KEY_HOME);
	menu_key(&menu, KEY_DELETE);
	type("W");
	assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_START);
	assert_string_equal(start.command_line, "Words of b and 1");
	menu_key(&menu, KEY_ESCAPE);
	assert_int_equal(menu.page, MENU_ENTRIES);
	type("e");
	assert_string_equal(start.command_line, "words of b");
}

/* A line, and the same in the plainest way there is. */
static void lines_are_edited_as_by_a_model(void **state)
{
	static const unsigned keys[] = {'a', 'b', ' ', '~', KEY_ERASE, KEY_DELETE, KEY_LEFT, KEY_RIGHT, KEY_HOME,
	        KEY_END, KEY_CLEAR, KEY_UP, KEY_DOWN, KEY_PAGE_UP, KEY_NONE};
	struct dice dice = dice_take("menu_line");
	char text[13] = "", model[64] = "";
	struct menu_line line;
	size_t at = 0;

	(void)state;
	menu_line_begin(&line, text, sizeof(text) - 1);
	for (uint64_t rounds = dice_rounds(200000); rounds > 0; rounds--) {
		unsigned key = keys[dice_below(&dice, sizeof(keys) / sizeof(keys[0]))];
		size_t length = strlen(model);
		char rest[64];

		menu_line_key(&line, key, 5);
		strcpy(rest, model + at);
		if (key >= ' ' && key < 127 && length < sizeof(text) - 1) {
			model[at++] = (char)key;
			strcpy(model + at, rest);
		} else if (key == KEY_ERASE && at > 0) {
			strcpy(model + --at, rest);
		} else if (key == KEY_DELETE && at < length) {
			strcpy(model + at, rest + 1);
		} else if (key == KEY_CLEAR) {
			strcpy(model, rest);
			at = 0;
		} else if (key == KEY_LEFT && at > 0) {
			at--;
		} else if (key == KEY_RIGHT && at < length) {
			at++;
		} else if (key == KEY_HOME) {
			at = 0;
		} else if (key == KEY_END) {
			at = length;
		} else if (key == KEY_UP && at >= 5) {
			at -= 5;
		} else if (key == KEY_DOWN) {
			at = at + 5 < length ? at + 5 : length;
		}
		assert_string_equal(text, model);
		assert_int_equal(line.cursor, at);
		assert_int_equal(line.length, strlen(model));
	}
}

static void long_lines_stay_in_sight(void **state)
{
	(void)state;
	type("e");
	for (unsigned i = 0; i < 3000; i++)
		menu_key(&menu, 'x');
	draw();
	assert_true(canvas.cursor < CANVAS_CELLS - CANVAS_COLUMNS);
	menu_key(&menu, KEY_HOME);
	assert_true(is_shown("words of bxxx"));
	for (unsigned i = 0; i < 3000; i++)
		menu_key(&menu, 'y');
	assert_int_equal(strlen(start.command_line), IMAGE_CONFIG_TEXT_MAX);
	menu_key(&menu, KEY_END);
	draw();
}

static void text_is_broken_and_scrolled(void **state)
{
	static char room[4000];
	const char *line;
	uint32_t length;

	(void)state;
	menu_text_begin(&menu.text, room, sizeof(room));
	for (unsigned i = 0; i < 30; i++)
		menu_text_print(&menu.text, "line %u\n", i);
	for (unsigned i = 0; i < 100; i++)
		menu_text_add(&menu.text, "w", 1);
	menu_text_print(&menu.text, "\n");
	assert_int_equal(menu.text.lines, 32);
	line = menu_text_line(&menu.text, 7, &length);
	assert_int_equal(length, 6);
	assert_memory_equal(line, "line 7", 6);
	menu_text_line(&menu.text, 30, &length);
	assert_int_equal(length, MENU_TEXT_COLUMNS);
	menu_text_line(&menu.text, 99, &length);
	assert_int_equal(length, 0);
	menu_show_text(&menu, "Title");
	assert_true(is_shown("lines   1- 20 of  32"));
	menu_key(&menu, KEY_END);
	assert_true(is_shown("lines  13- 32 of  32"));
	assert_false(is_shown("line 11 "));
	menu_key(&menu, KEY_UP);
	assert_true(is_shown("line 11 "));
	menu_key(&menu, KEY_PAGE_UP);
	assert_int_equal(menu.text.top, 0);
	menu_key(&menu, 'q');
	assert_int_equal(menu.page, MENU_ENTRIES);
	for (unsigned i = 0; i < 5000; i++)
		menu_text_print(&menu.text, "%u\n", i);
	assert_int_equal(menu.text.length, sizeof(room));
}

static void only_what_changes_is_drawn(void **state)
{
	(void)state;
	draw();
	assert_int_equal(drawn, CANVAS_CELLS);
	draw();
	assert_int_equal(drawn, 0);
	menu_second(&menu); /* from 10 to 9: the rest of the line moves */
	draw();
	assert_true(drawn <= strlen("10 seconds; Esc stops the count."));
	menu_second(&menu);
	draw();
	assert_int_equal(drawn, 1);
}

/* A UART that keeps 16 bytes, and a line that is never silent: for each byte that leaves one comes. */
static struct {
	uint8_t kept[16];
	unsigned count, said, lost;
} port;

void console_serial_write(const char *text, size_t length)
{
	(void)text;
	for (; length; length--, port.said++)
		if (port.count < sizeof(port.kept))
			port.kept[port.count++] = (uint8_t)(port.said * 7);
		else
			port.lost++;
}

bool console_serial_read(uint8_t *byte)
{
	if (port.count == 0)
		return false;
	*byte = port.kept[0];
	memmove(port.kept, port.kept + 1, --port.count);
	return true;
}

static void nothing_is_missed_while_drawing(void **state)
{
	static const char drawing[2048];
	uint8_t byte;

	(void)state;
	console_serial_write("before", 6);
	menu_serial_begin();
	assert_false(menu_serial_read(&byte));
	port.said = 0;
	for (unsigned turn = 0; turn < 3; turn++) {
		menu_serial_write(drawing, sizeof(drawing));
		for (unsigned i = 0; i < sizeof(drawing); i++) {
			assert_true(menu_serial_read(&byte));
			assert_int_equal(byte, (uint8_t)((turn * sizeof(drawing) + i) * 7));
		}
		assert_false(menu_serial_has_more());
	}
	menu_serial_write(drawing, sizeof(drawing));
	menu_serial_write(drawing, 100); /* more than can be kept: the port's business, as ever */
	assert_int_equal(port.lost, 100 - sizeof(port.kept));
}

static void time_passes_by_ticks_or_by_polls(void **state)
{
	struct menu_clock clock;
	unsigned seconds = 0, polls = 0;

	(void)state;
	menu_clock_begin(&clock, 65530); /* the counter's lower half wraps around */
	for (unsigned tick = 0; tick < 182 * 3; tick++)
		for (unsigned i = 0; i < 3; i++)
			seconds += menu_clock_poll(&clock, (uint16_t)(65530 + tick));
	assert_in_range(seconds, 29, 30);
	menu_clock_poll(&clock, 0); /* midnight: not an hour has passed */
	assert_in_range(seconds, 29, 31);
	for (seconds = 0; seconds < 5; polls++)
		seconds += menu_clock_poll(&clock, 0);
	assert_true(polls > 1000);
}

/* What one pixel of the picture must be: outside of the cells it is as it was. */
static uint32_t expected_pixel(const struct menu_picture *picture, uint32_t x, uint32_t y, const uint8_t font[256][16])
{
	static const uint32_t colours[16] = {[0] = 0, [7] = 0xaaaaaa, [14] = 0xffff55, [15] = 0xffffff};
	uint32_t column = (x - picture->left) / picture->scale, line = (y - picture->top) / picture->scale, colour;
	uint16_t cell;

	if (x < picture->left || y < picture->top || column / 8 >= CANVAS_COLUMNS || line / 16 >= CANVAS_ROWS)
		return 0x123456;
	cell = canvas.cell[line / 16 * CANVAS_COLUMNS + column / 8];
	colour = font[cell & 0xff][line % 16] >> (7 - column % 8) & 1 ? cell >> 8 & 15 : cell >> 12;
	if (canvas.cursor == line / 16 * CANVAS_COLUMNS + column / 8 && line % 16 >= 14)
		colour = 7;
	return colours[colour];
}

/* As many of each colour's bits as the screen has. */
static uint32_t on_screen(const struct boot_framebuffer *graphics, uint32_t rgb)
{
	return (rgb >> 16 & 255) >> (8 - graphics->red_size) << graphics->red_shift |
	       (rgb >> 8 & 255) >> (8 - graphics->green_size) << graphics->green_shift |
	       (rgb & 255) >> (8 - graphics->blue_size) << graphics->blue_shift;
}

static void check_picture(struct boot_framebuffer graphics, uint32_t scale)
{
	static uint8_t font[256][16];
	uint32_t bytes = graphics.bits_per_pixel / 8;
	uint8_t *memory = malloc((size_t)graphics.pitch * graphics.height);
	struct menu_picture picture;

	for (unsigned i = 0; i < sizeof(font); i++)
		font[i / 16][i % 16] = (uint8_t)(i * 37 + i / 256);
	for (uint32_t i = 0, value = on_screen(&graphics, 0x123456); i < graphics.width * graphics.height; i++)
		memcpy(memory + i / graphics.width * graphics.pitch + i % graphics.width * bytes, &value, bytes);
	graphics.base = (uintptr_t)memory;
	menu_picture_begin(&picture, &graphics, font);
	assert_int_equal(picture.scale, scale);
	for (unsigned row = 0; row < CANVAS_ROWS; row++)
		menu_picture_draw(&picture, row, 0, canvas.cell + row * CANVAS_COLUMNS, CANVAS_COLUMNS);
	menu_picture_cursor(&picture, canvas.cursor / CANVAS_COLUMNS, canvas.cursor % CANVAS_COLUMNS);
	for (uint32_t y = 0; y < graphics.height; y++)
		for (uint32_t x = 0; x < graphics.width; x++) {
			uint32_t is = 0;
			memcpy(&is, memory + y * graphics.pitch + x * bytes, bytes);
			if (is != on_screen(&graphics, expected_pixel(&picture, x, y, font)))
				fail_msg("pixel %u, %u of %ux%ux%u", x, y, graphics.width, graphics.height, bytes * 8);
		}
	free(memory);
}

static void pictures_are_as_large_as_fits(void **state)
{
	(void)state;
	menu.complaint = "complaint";
	menu_draw(&menu, &canvas);
	canvas.cursor = 3 * CANVAS_COLUMNS + 79;
	check_picture((struct boot_framebuffer){0, 0, 640, 400, 640 * 2, 16, 5, 11, 6, 5, 5, 0, {0}}, 1);
	check_picture((struct boot_framebuffer){0, 0, 1366, 768, 1366 * 3 + 2, 24, 8, 16, 8, 8, 8, 0, {0}}, 1);
	check_picture((struct boot_framebuffer){0, 0, 1999, 1300, 2048 * 4, 32, 8, 0, 8, 8, 8, 16, {0}}, 3);
}

/* Whatever is typed, nothing is drawn outside, and what would be started is a line. */
static void any_keys_do_no_harm(void **state)
{
	struct dice dice = dice_take("menu");
	static char room[5000];

	(void)state;
	for (uint64_t rounds = dice_rounds(20000); rounds > 0; rounds--) {
		unsigned key = (unsigned)dice_below(&dice, KEY_HELP + 2);
		enum menu_wish wish = dice_below(&dice, 20) ? menu_key(&menu, key) : menu_second(&menu);

		if (wish > MENU_START) {
			menu_text_begin(&menu.text, room, sizeof(room));
			for (uint64_t left = dice_below(&dice, 6000); left > 0; left--)
				menu_text_add(&menu.text, dice_below(&dice, 50) ? "t" : "\n", 1);
			menu_show_text(&menu, "Any");
		}
		if (wish == MENU_START) {
			assert_true(strlen(start.command_line) <= IMAGE_CONFIG_TEXT_MAX);
			fresh(NULL);
		}
		draw();
		assert_true(canvas.cursor <= CANVAS_CELLS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(keys_of_terminals, fresh),
	        cmocka_unit_test_setup(modules_that_do_not_fit_are_counted, fresh),
	        cmocka_unit_test_setup(chooses, fresh),
	        cmocka_unit_test_setup(letters_mean_the_same_with_shift, fresh),
	        cmocka_unit_test_setup(counts_until_a_key_that_means_something, fresh),
	        cmocka_unit_test_setup(complaint_is_seen_to_its_end, fresh),
	        cmocka_unit_test_setup(edits, fresh),
	        cmocka_unit_test_setup(lines_are_edited_as_by_a_model, fresh),
	        cmocka_unit_test_setup(long_lines_stay_in_sight, fresh),
	        cmocka_unit_test_setup(text_is_broken_and_scrolled, fresh),
	        cmocka_unit_test_setup(only_what_changes_is_drawn, fresh),
	        cmocka_unit_test_setup(nothing_is_missed_while_drawing, fresh),
	        cmocka_unit_test_setup(time_passes_by_ticks_or_by_polls, fresh),
	        cmocka_unit_test_setup(pictures_are_as_large_as_fits, fresh),
	        cmocka_unit_test_setup(any_keys_do_no_harm, fresh),
	};

	return cmocka_run_group_tests_name("menu", tests, NULL, NULL);
}
