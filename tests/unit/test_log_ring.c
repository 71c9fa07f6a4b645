#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/log_ring.h"
#include "dice.h"

static struct log_ring ring;

static void add(uint8_t level, uint64_t stamp, const char *text)
{
	log_ring_add(&ring, level, stamp, text, strlen(text));
}

static void assert_next(uint32_t *position, uint8_t level, uint64_t stamp, const char *text)
{
	struct log_line line;

	assert_true(log_ring_next(&ring, position, &line));
	assert_string_equal(line.text, text);
	assert_int_equal(line.length, strlen(text));
	assert_int_equal(line.level, level);
	assert_int_equal(line.stamp, stamp);
}

static void assert_end(uint32_t *position)
{
	struct log_line line;

	assert_false(log_ring_next(&ring, position, &line));
}

static int start(void **state)
{
	(void)state;
	memset(&ring, 0, sizeof(ring));
	return 0;
}

static void test_lines(void **state)
{
	uint32_t position = 0;

	(void)state;
	assert_end(&position);
	add(1, 10, "one\n");
	add(2, 20, "\ntwo\nthree\n\n");
	assert_next(&position, 1, 10, "one");
	assert_next(&position, 2, 20, "two");
	assert_next(&position, 2, 20, "three");
	assert_end(&position);
	add(3, 30, "four\n");
	assert_next(&position, 3, 30, "four");
	assert_end(&position);
}

/* The stamp and the level are those of a line's beginning. */
static void test_pieces_make_a_line(void **state)
{
	uint32_t position = 0;

	(void)state;
	add(1, 10, "one");
	add(2, 20, " and");
	assert_next(&position, 1, 10, "one and");
	add(2, 20, " two\nthree");
	position = 0;
	assert_next(&position, 1, 10, "one and two");
	assert_next(&position, 2, 20, "three");
}

static void test_a_long_line_is_several(void **state)
{
	char text[2 * LOG_LINE_MAX + 4], expected[LOG_LINE_MAX + 1] = "";
	uint32_t position = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	strcpy(text + 2 * LOG_LINE_MAX, "y\n");
	memset(expected, 'x', LOG_LINE_MAX);
	add(1, 10, text);
	assert_next(&position, 1, 10, expected);
	assert_next(&position, 1, 10, expected);
	assert_next(&position, 1, 10, "y");
	assert_end(&position);
}

/* Who was between two lines while they were lost goes on with the oldest there is. */
static void test_a_reader_left_behind(void **state)
{
	uint32_t position = 0;
	struct log_line line;
	unsigned int number;

	(void)state;
	add(1, 0, "first\n");
	assert_next(&position, 1, 0, "first");
	for (unsigned int i = 0; i < 5000; i++) {
		char text[20];

		snprintf(text, sizeof(text), "line %u\n", i);
		add(1, i, text);
	}
	assert_true(log_ring_next(&ring, &position, &line));
	number = (unsigned int)line.stamp;
	assert_in_range(number, 4000, 4990);
	while (++number < 5000) {
		assert_true(log_ring_next(&ring, &position, &line));
		assert_int_equal(line.stamp, number);
	}
	assert_end(&position);
}

/* Whatever comes, what is kept is the end of what came; and it is as much as there is room for. */
static void test_random_lines(void **state)
{
	struct dice dice = dice_take("test_log_ring");
	enum { LINES = 2000 };
	static char lines[LINES][LOG_LINE_MAX + 1];

	for (uint64_t rounds = dice_rounds(20); rounds > 0; rounds--) {
		size_t longest = 1 + dice_below(&dice, LOG_LINE_MAX - 1), bytes = 0;
		unsigned int first = LINES;
		uint32_t position = 0;
		struct log_line line;

		start(state);
		for (unsigned int i = 0; i < LINES; i++) {
			size_t length = 1 + dice_below(&dice, longest), sent = 0;

			for (size_t at = 0; at < length; at++)
				lines[i][at] = (char)('a' + dice_below(&dice, 26));
			lines[i][length] = '\0';
			while (sent < length) {
				size_t part = 1 + dice_below(&dice, length - sent);

				log_ring_add(&ring, (uint8_t)(i % 5), i, lines[i] + sent, part);
				sent += part;
			}
			add(0, 0, "\n");
		}
		while (log_ring_next(&ring, &position, &line)) {
			if (first == LINES)
				first = (unsigned int)line.stamp;
			assert_int_equal(line.stamp, first);
			assert_int_equal(line.level, first % 5);
			assert_string_equal(line.text, lines[first++]);
			bytes += line.length + 14;
		}
		assert_int_equal(first, LINES);
		assert_in_range(bytes, longest < 10 ? 0 : LOG_RING_SIZE - 2 * LOG_LINE_MAX, LOG_RING_SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_lines, start),
	        cmocka_unit_test_setup(test_pieces_make_a_line, start),
	        cmocka_unit_test_setup(test_a_long_line_is_several, start),
	        cmocka_unit_test_setup(test_a_reader_left_behind, start),
	        cmocka_unit_test(test_random_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
