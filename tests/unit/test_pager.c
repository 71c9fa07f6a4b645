/*
 * What a command prints: kept as long as there is memory, and shown page by page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/log.h"
#include "lib/format.h"
#include "mm/heap.h"
#include "monitor/collector.h"
#include "monitor/pager.h"

static char shown[65536], footer[64];
static size_t shown_length, memory;

void log_write(const char *text, size_t length)
{
	assert_in_range(length, 0, PAGER_PIECE);
	memcpy(shown + shown_length, text, length);
	shown_length += length;
	shown[shown_length] = '\0';
}

void log_set_footer(const char *hide, size_t hide_length, const char *show, size_t show_length)
{
	(void)hide;
	(void)hide_length;
	if (show != NULL)
		memcpy(footer, show, show_length);
	footer[show_length] = '\0';
}

void *krealloc(void *block, size_t size)
{
	return size <= memory ? realloc(block, size) : NULL;
}

void kfree(void *block)
{
	free(block);
}

static void put(void *context, const char *text, size_t length)
{
	struct command_output *output = context;

	output->write(output, text, length);
}

static void print(struct collector *collector, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_args(put, &collector->output, format, args);
	va_end(args);
}

#define HIDE   "\r\033[K"
#define MORE   HIDE "-- more --"
#define FOOTER "-- more --"

static struct pager pager;

/* To the page's end. True: there is more. */
static bool write_page(void)
{
	while (pager.length > 0 && !pager_waits(&pager))
		pager_write(&pager);
	return pager.length > 0;
}

static bool begin(const char *text, unsigned int rows, unsigned int columns)
{
	shown_length = 0;
	shown[0] = '\0';
	pager_start(&pager, text, strlen(text), rows, columns);
	return write_page();
}

static bool press(uint32_t unicode, enum input_key key)
{
	pager_key(&pager, (struct key_event){.unicode = unicode, .key = (uint8_t)key});
	return write_page();
}

static void test_short(void **state)
{
	(void)state;
	assert_false(begin("", 25, 80));
	assert_string_equal(shown, "");
	assert_false(begin("one\ntwo", 25, 80));
	assert_string_equal(shown, "one\ntwo\n");
	assert_false(begin("\033[2J\r", 25, 80));
	assert_string_equal(shown, "\033[2J\r");
	assert_false(begin("1\n2\n3\n4\n", 0, 80));
	assert_string_equal(shown, "1\n2\n3\n4\n");
	assert_false(begin("1\n2\n3\n", 4, 80));
	assert_string_equal(shown, "1\n2\n3\n");
}

static void test_pages(void **state)
{
	(void)state;
	assert_true(begin("1\n2\n3\n4\n5\n6\n7\n", 4, 80));
	assert_string_equal(shown, "1\n2\n3\n" MORE);
	assert_string_equal(footer, FOOTER);
	assert_true(press('x', KEY_X));
	pager_key(&pager, (struct key_event){.unicode = ' ', .action = INPUT_RELEASE});
	assert_true(pager_waits(&pager));
	assert_string_equal(shown, "1\n2\n3\n" MORE);
	assert_true(press('\n', KEY_ENTER));
	assert_string_equal(shown, "1\n2\n3\n" MORE HIDE "4\n" MORE);
	assert_false(press(' ', KEY_SPACE));
	assert_string_equal(shown, "1\n2\n3\n" MORE HIDE "4\n" MORE HIDE "5\n6\n7\n");
	assert_string_equal(footer, "");
	assert_true(begin("1\n2\n3\n4\n", 4, 80));
	assert_false(press('q', KEY_Q));
	assert_string_equal(shown, "1\n2\n3\n" MORE HIDE);
	assert_true(begin("1\n2\n3\n4\n", 4, 80));
	assert_false(press(3, KEY_C));
}

/* A long line takes several rows, and a page may end within it. */
static void test_long_lines(void **state)
{
	(void)state;
	assert_true(begin("0123456789\n\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4z\n", 4, 5));
	assert_string_equal(shown, "0123456789\n\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\n" MORE);
	assert_false(press(' ', KEY_SPACE));
	assert_string_equal(strrchr(shown, 'K'), "Kz\n");
}

/* On any screen, whatever the bytes: everything is shown, and it ends. */
static void test_ends(void **state)
{
	char text[257];

	(void)state;
	for (int i = 0; i < 256; i++)
		text[i] = (char)(i == 255 ? 1 : i + 1);
	text[256] = '\0';
	for (unsigned int rows = 2; rows < 10; rows++) {
		for (unsigned int columns = 1; columns < 12; columns++) {
			unsigned int keys = 0;

			for (bool more = begin(text, rows, columns); more; more = press('\n', KEY_ENTER))
				assert_true(keys++ < 1000);
			assert_int_equal(pager.length, 0);
		}
	}
}

/* What is wider than the screen has a row of its own. */
static void test_one_column(void **state)
{
	(void)state;
	assert_true(begin("a\xe4\xb8\xad\xe6\x96\x87z", 3, 1));
	assert_string_equal(shown, "a\xe4\xb8\xad\n" MORE);
	assert_false(press(' ', KEY_SPACE));
	assert_string_equal(shown, "a\xe4\xb8\xad\n" MORE HIDE "\xe6\x96\x87z\n");
}

/* Without pages, too, it comes in pieces of whole rows, which log_write() above looks at. */
static void test_pieces(void **state)
{
	static char text[60001];

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 75 == 74 ? '\n' : (char)('a' + i % 75 % 26);
	shown_length = 0;
	pager_start(&pager, text, sizeof(text) - 1, 0, 80);
	for (unsigned int pieces = 0; pager.length > 0; pieces++) {
		assert_in_range(pieces, 0, sizeof(text) / 225);
		pager_write(&pager);
		assert_int_equal(shown[shown_length - 1], '\n');
	}
	assert_string_equal(shown, text);
}

static void test_collector(void **state)
{
	struct collector collector;
	char line[16];

	(void)state;
	memory = SIZE_MAX;
	collector_start(&collector);
	for (unsigned int i = 0; i < 10000; i++)
		print(&collector, "line %05u\n", i);
	assert_int_equal(collector.length, 110000);
	assert_false(collector.is_cut);
	for (unsigned int i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "line %05u\n", i);
		assert_memory_equal(collector.text + 11 * i, line, 11);
	}
	collector_end(&collector);
	memory = 4096;
	collector_start(&collector);
	for (unsigned int i = 0; i < 10000; i++)
		print(&collector, "line %05u\n", i);
	assert_true(collector.is_cut);
	assert_in_range(collector.length, 4096 - 11, 4096);
	print(&collector, "x\n"); /* would fit, but stand in the wrong place */
	assert_int_equal(collector.length, 4096 / 11 * 11);
	collector_end(&collector);
	memory = 0;
	collector_start(&collector);
	print(&collector, "nothing\n");
	assert_true(collector.is_cut);
	assert_int_equal(collector.length, 0);
	collector_end(&collector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_short),
	        cmocka_unit_test(test_pages),
	        cmocka_unit_test(test_long_lines),
	        cmocka_unit_test(test_ends),
	        cmocka_unit_test(test_one_column),
	        cmocka_unit_test(test_pieces),
	        cmocka_unit_test(test_collector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
