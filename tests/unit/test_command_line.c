#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/command_line.h"
#include "dice.h"

static void assert_word(const char *line, const char *name, const char *value)
{
	struct command_line_word word;

	assert_true(command_line_find(line, name, &word));
	assert_int_equal(word.value_length, strlen(value));
	assert_memory_equal(word.value, value, strlen(value));
}

static void test_find(void **state)
{
	struct command_line_word word;

	(void)state;
	assert_word("test", "test", "");
	assert_word(" a=1\tb=2\na=3 ", "a", "3");
	assert_word("x==y", "x", "=y");
	assert_word("=v", "", "v");
	assert_false(command_line_find("testing test2", "test", &word));
	assert_false(command_line_find("", "test", &word));
	assert_false(command_line_find(" \t ", "test", &word));
	assert_false(command_line_find("a=test", "test", &word));
}

/* Words put together at random come back one by one. */
static void test_round_trip(void **state)
{
	struct dice dice = dice_take("test_command_line");

	(void)state;
	for (uint64_t rounds = dice_rounds(5000); rounds > 0; rounds--) {
		char names[8][8], values[8][8], line[256];
		size_t count = dice_below(&dice, 9), length = 0;
		struct command_line_word word;
		const char *rest = line;
		char *exact;

		line[0] = '\0';
		for (size_t i = 0; i < count; i++) {
			sprintf(names[i], "n%u", (unsigned int)dice_below(&dice, 100));
			sprintf(values[i], "%.*s", (int)dice_below(&dice, 5), "v=w=");
			length += (size_t)sprintf(line + length, "%*s%s%s%s", (int)(1 + dice_below(&dice, 3)), "",
			        names[i], values[i][0] != '\0' || dice_below(&dice, 2) ? "=" : "", values[i]);
		}
		exact = malloc(length + 1); /* a look beyond the end is seen */
		assert_non_null(exact);
		memcpy(exact, line, length + 1);
		rest = exact;
		for (size_t i = 0; i < count; i++) {
			rest = command_line_next(rest, &word);
			assert_non_null(rest);
			assert_int_equal(word.name_length, strlen(names[i]));
			assert_memory_equal(word.name, names[i], word.name_length);
			assert_int_equal(word.value_length, strlen(values[i]));
			assert_memory_equal(word.value, values[i], word.value_length);
		}
		assert_null(command_line_next(rest, &word));
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_round_trip)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
