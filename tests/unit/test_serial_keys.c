#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "dice.h"
#include "drivers/serial_keys.h"

#define EVENTS_MAX 16

static struct serial_keys keys;
static struct key_event events[EVENTS_MAX];
static unsigned int count;

/* All that these bytes make, and the end of the line behind them. */
static void type(const char *bytes, size_t length)
{
	memset(&keys, 0, sizeof(keys));
	count = 0;
	for (size_t i = 0; i < length; i++)
		count += serial_keys_add(&keys, (uint8_t)bytes[i], events + count);
	if (serial_keys_is_waiting(&keys))
		count += serial_keys_end(&keys, events + count);
	assert_false(serial_keys_is_waiting(&keys));
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(events[i].source, INPUT_SERIAL);
		assert_int_equal(events[i].action, INPUT_PRESS);
	}
}

#define TYPE(bytes) type(bytes, sizeof(bytes) - 1)

static void expect(unsigned int index, uint32_t unicode, uint8_t key, uint8_t modifiers)
{
	assert_true(index < count);
	assert_int_equal(events[index].unicode, unicode);
	assert_int_equal(events[index].key, key);
	assert_int_equal(events[index].modifiers, modifiers);
}

#define EXPECT_ONE(bytes, unicode, key, modifiers)                                                                     \
	do {                                                                                                           \
		TYPE(bytes);                                                                                           \
		assert_int_equal(count, 1);                                                                            \
		expect(0, unicode, key, modifiers);                                                                    \
	} while (0)

static void test_text(void **state)
{
	(void)state;
	EXPECT_ONE("a", 'a', KEY_A, 0);
	EXPECT_ONE("A", 'A', KEY_A, 0);
	EXPECT_ONE("1", '1', KEY_1, 0);
	EXPECT_ONE("!", '!', KEY_1, 0);
	EXPECT_ONE(" ", ' ', KEY_SPACE, 0);
	EXPECT_ONE("é", 0xe9, KEY_NONE, 0);
	EXPECT_ONE("€", 0x20ac, KEY_NONE, 0);
	EXPECT_ONE("😀", 0x1f600, KEY_NONE, 0);
}

static void test_control(void **state)
{
	(void)state;
	EXPECT_ONE("\x03", 3, KEY_C, INPUT_CONTROL);
	EXPECT_ONE("\x01", 1, KEY_A, INPUT_CONTROL);
	EXPECT_ONE("\x1a", 26, KEY_Z, INPUT_CONTROL);
	EXPECT_ONE("\x1c", 28, KEY_BACKSLASH, INPUT_CONTROL);
	EXPECT_ONE("\x1f", 31, KEY_MINUS, INPUT_CONTROL);
	EXPECT_ONE("\t", '\t', KEY_TAB, 0);
	EXPECT_ONE("\x7f", '\b', KEY_BACKSPACE, 0);
	EXPECT_ONE("\b", '\b', KEY_BACKSPACE, 0);
	TYPE("\0");
	assert_int_equal(count, 0);
}

/* One Enter for each end of a line, however it is written. */
static void test_line_ends(void **state)
{
	(void)state;
	EXPECT_ONE("\r", '\n', KEY_ENTER, 0);
	EXPECT_ONE("\n", '\n', KEY_ENTER, 0);
	EXPECT_ONE("\r\n", '\n', KEY_ENTER, 0);
	TYPE("\r\r\n\n");
	assert_int_equal(count, 3);
	TYPE("\ra\n");
	assert_int_equal(count, 3);
}

static void test_escape(void **state)
{
	(void)state;
	EXPECT_ONE("\x1b", 27, KEY_ESCAPE, 0);
	TYPE("\x1b\x1b");
	assert_int_equal(count, 2);
	expect(0, 27, KEY_ESCAPE, 0);
	expect(1, 27, KEY_ESCAPE, 0);
	TYPE("\x1b\x1b[A");
	assert_int_equal(count, 2);
	expect(0, 27, KEY_ESCAPE, 0);
	expect(1, 0, KEY_UP, 0);
}

static void test_alt(void **state)
{
	(void)state;
	EXPECT_ONE("\x1b"
	           "b",
	        'b', KEY_B, INPUT_ALT);
	EXPECT_ONE("\x1b"
	           "é",
	        0xe9, KEY_NONE, INPUT_ALT);
	EXPECT_ONE("\x1b\x7f", '\b', KEY_BACKSPACE, INPUT_ALT);
	EXPECT_ONE("\x1b\x03", 3, KEY_C, INPUT_ALT | INPUT_CONTROL);
	EXPECT_ONE("\x1b[", '[', KEY_LEFT_BRACKET, INPUT_ALT);
	EXPECT_ONE("\x1bO", 'O', KEY_O, INPUT_ALT);
	TYPE("\x1b"
	     "ab");
	expect(1, 'b', KEY_B, 0);
}

static void test_cursor_keys(void **state)
{
	static const struct {
		char letter;
		uint8_t key;
	} letters[] = {{'A', KEY_UP}, {'B', KEY_DOWN}, {'C', KEY_RIGHT}, {'D', KEY_LEFT}, {'H', KEY_HOME},
	        {'F', KEY_END}, {'P', KEY_F1}, {'Q', KEY_F2}, {'S', KEY_F4}, {'E', KEY_KEYPAD_5}};

	(void)state;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		char control[] = "\x1b[_", shift[] = "\x1bO_", modified[] = "\x1b[1;6_";

		control[2] = shift[2] = modified[5] = letters[i].letter;
		EXPECT_ONE(control, 0, letters[i].key, 0);
		EXPECT_ONE(shift, 0, letters[i].key, 0);
		EXPECT_ONE(modified, 0, letters[i].key, INPUT_SHIFT | INPUT_CONTROL);
	}
	EXPECT_ONE("\x1bOR", 0, KEY_F3, 0);
	EXPECT_ONE("\x1bOM", '\n', KEY_KEYPAD_ENTER, 0);
	EXPECT_ONE("\x1b[Z", '\t', KEY_TAB, INPUT_SHIFT);
	EXPECT_ONE("\x1b[[A", 0, KEY_F1, 0);
	EXPECT_ONE("\x1b[[E", 0, KEY_F5, 0);
}

static void test_numbered_keys(void **state)
{
	static const struct {
		uint8_t number, key;
	} numbers[] = {
	        {1, KEY_HOME},
	        {2, KEY_INSERT},
	        {3, KEY_DELETE},
	        {4, KEY_END},
	        {5, KEY_PAGE_UP},
	        {6, KEY_PAGE_DOWN},
	        {7, KEY_HOME},
	        {8, KEY_END},
	        {11, KEY_F1},
	        {12, KEY_F2},
	        {13, KEY_F3},
	        {14, KEY_F4},
	        {15, KEY_F5},
	        {17, KEY_F6},
	        {18, KEY_F7},
	        {19, KEY_F8},
	        {20, KEY_F9},
	        {21, KEY_F10},
	        {23, KEY_F11},
	        {24, KEY_F12},
	        {25, KEY_F13},
	        {26, KEY_F14},
	        {28, KEY_F15},
	        {29, KEY_F16},
	        {34, KEY_F20},
	};
	static const uint8_t modifiers[] = {0, INPUT_SHIFT, INPUT_ALT, INPUT_SHIFT | INPUT_ALT, INPUT_CONTROL,
	        INPUT_SHIFT | INPUT_CONTROL, INPUT_ALT | INPUT_CONTROL, INPUT_SHIFT | INPUT_ALT | INPUT_CONTROL};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char text[16];

		type(text, (size_t)snprintf(text, sizeof(text), "\x1b[%u~", numbers[i].number));
		assert_int_equal(count, 1);
		expect(0, 0, numbers[i].key, 0);
		for (unsigned int m = 0; m < sizeof(modifiers); m++) {
			type(text, (size_t)snprintf(text, sizeof(text), "\x1b[%u;%u~", numbers[i].number, m + 1));
			assert_int_equal(count, 1);
			expect(0, 0, numbers[i].key, modifiers[m]);
		}
	}
}

/* What is no key is taken as a whole: nothing of it is typed. */
static void test_foreign_sequences(void **state)
{
	static const char *const foreign[] = {
	        "\x1b[24;80R",
	        "\x1b[?1;2c",
	        "\x1b[>0;1;2c",
	        "\x1b[1;2;3A",
	        "\x1b[999~",
	        "\x1b[0~",
	        "\x1b[I",
	        "\x1b[200~",
	        "\x1b[9y",
	        "\x1b[[Z",
	        "\x1bOz",
	        "\x1b[12;",
	        "\x1b[300;5A",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		type(foreign[i], strlen(foreign[i]));
		assert_int_equal(count, 0);
	}
}

/* A sequence that stops in its middle does not swallow what follows. */
static void test_cut_sequences(void **state)
{
	(void)state;
	TYPE("\x1b[1;\x1b[A");
	assert_int_equal(count, 1);
	expect(0, 0, KEY_UP, 0);
	TYPE("\x1b[?1~\x1b[5~");
	assert_int_equal(count, 1);
	expect(0, 0, KEY_PAGE_UP, 0);
	TYPE("\x1b[1;\ra");
	assert_int_equal(count, 2);
	expect(0, '\n', KEY_ENTER, 0);
	EXPECT_ONE("\x1b[1é", 0xe9, KEY_NONE, 0);
	EXPECT_ONE("\x1b[1\x03", 3, KEY_C, INPUT_CONTROL);
}

static void test_bad_utf8(void **state)
{
	(void)state;
	EXPECT_ONE("\xff", UTF8_REPLACEMENT, KEY_NONE, 0);
	TYPE("\xc3"
	     "a");
	assert_int_equal(count, 2);
	expect(0, UTF8_REPLACEMENT, KEY_NONE, 0);
	expect(1, 'a', KEY_A, 0);
	TYPE("\xe2\x82\xe2\x82\xac");
	assert_int_equal(count, 2);
	expect(1, 0x20ac, KEY_NONE, 0);
	TYPE("\xe2\x82\x1b[A");
	assert_int_equal(count, 2);
	expect(0, UTF8_REPLACEMENT, KEY_NONE, 0);
	expect(1, 0, KEY_UP, 0);
}

/* Any bytes, most of them such as sequences are made of: never more events than there is room for, and then all is
 * well. */
static void test_any_bytes(void **state)
{
	static const char likely[] = "\x1b\x1b\x1b[[[OO;;0123456789ABCDHFZR~\r\n\xc3\xa9\xe2\x82\xac\xff";
	struct dice dice = dice_take("serial_keys");
	uint64_t rounds = dice_rounds(500000);

	(void)state;
	memset(&keys, 0, sizeof(keys));
	for (uint64_t i = 0; i < rounds; i++) {
		uint8_t byte = (uint8_t)(dice_below(&dice, 4) ? (uint8_t)likely[dice_below(&dice, sizeof(likely))]
		                                              : dice_roll(&dice));
		unsigned int n = serial_keys_add(&keys, byte, events);

		assert_true(n <= SERIAL_KEYS_EVENTS_MAX);
		for (unsigned int e = 0; e < n; e++)
			assert_true(events[e].unicode <= 0x10ffff && (events[e].unicode || events[e].key));
		if (dice_below(&dice, 50) == 0) {
			assert_true(serial_keys_end(&keys, events) <= SERIAL_KEYS_EVENTS_MAX);
			assert_false(serial_keys_is_waiting(&keys));
		}
		if (dice_below(&dice, 50) == 0) {
			for (const char *c = "\x1b[A\rq"; *c; c++)
				n = serial_keys_add(&keys, (uint8_t)*c, events);
			assert_int_equal(n, 1);
			assert_int_equal(events[0].unicode, 'q');
			assert_int_equal(events[0].modifiers, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_text),
	        cmocka_unit_test(test_control),
	        cmocka_unit_test(test_line_ends),
	        cmocka_unit_test(test_escape),
	        cmocka_unit_test(test_alt),
	        cmocka_unit_test(test_cursor_keys),
	        cmocka_unit_test(test_numbered_keys),
	        cmocka_unit_test(test_foreign_sequences),
	        cmocka_unit_test(test_cut_sequences),
	        cmocka_unit_test(test_bad_utf8),
	        cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
