/*
 * Words of a typed line: where they part, what they may have meant, how they go on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "monitor/words.h"

static const char *const names[] = {"boot", "help", "history", "log", "map", "mem", "poweroff", "reboot", NULL};

static const char *name(unsigned int index)
{
	return names[index];
}

static unsigned int split(const char *text, char *words[])
{
	static char line[256];

	strcpy(line, text);
	return words_split(line, words);
}

static void test_split(void **state)
{
	char *words[WORDS_MAX + 1];
	char many[2 * WORDS_MAX + 3] = "";

	(void)state;
	assert_int_equal(split("", words), 0);
	assert_null(words[0]);
	assert_int_equal(split("   ", words), 0);
	assert_int_equal(split("one", words), 1);
	assert_string_equal(words[0], "one");
	assert_int_equal(split("  one two   three ", words), 3);
	assert_string_equal(words[0], "one");
	assert_string_equal(words[1], "two");
	assert_string_equal(words[2], "three");
	assert_null(words[3]);
	for (unsigned int i = 0; i <= WORDS_MAX; i++)
		strcat(many, "x ");
	assert_int_equal(split(many, words), WORDS_MAX + 1);
	assert_null(words[WORDS_MAX]);
}

static void test_nearest(void **state)
{
	(void)state;
	assert_string_equal(words_nearest("hlep", name), "help");
	assert_string_equal(words_nearest("hel", name), "help");
	assert_string_equal(words_nearest("helpp", name), "help");
	assert_string_equal(words_nearest("halp", name), "help");
	assert_string_equal(words_nearest("poewroff", name), "poweroff");
	assert_string_equal(words_nearest("power", name) == NULL ? "none" : "one", "none");
	assert_string_equal(words_nearest("rebot", name), "reboot");
	assert_null(words_nearest("x", name));
	assert_null(words_nearest("hxxp", name)); /* two changes are too many for so few letters */
	assert_null(words_nearest("nonsense", name));
	assert_null(words_nearest("helphelphelphelphelphelphelphelphelphelp", name));
}

static void test_complete(void **state)
{
	const char *common = NULL;
	size_t length = 0;

	(void)state;
	assert_int_equal(words_complete("x", 1, name, &common, &length), 0);
	assert_int_equal(words_complete("hel", 3, name, &common, &length), 1);
	assert_int_equal(length, 4);
	assert_string_equal(common, "help");
	assert_int_equal(words_complete("h", 1, name, &common, &length), 2);
	assert_int_equal(length, 1);
	assert_int_equal(words_complete("m", 1, name, &common, &length), 2);
	assert_memory_equal(common, "m", length);
	assert_int_equal(words_complete("", 0, name, &common, &length), 8);
	assert_int_equal(length, 0);
	assert_int_equal(words_complete("mem", 3, name, &common, &length), 1);
	assert_int_equal(length, 3);
}

/* Whatever is typed, nothing goes wrong. */
static void test_anything(void **state)
{
	struct dice dice = dice_take("test_words anything");
	char typed[64], *words[WORDS_MAX + 1];

	(void)state;
	for (uint64_t round = 0; round < dice_rounds(20000); round++) {
		size_t length = dice_below(&dice, sizeof(typed));

		for (size_t i = 0; i < length; i++)
			typed[i] = dice_below(&dice, 4) == 0 ? (char)(1 + dice_below(&dice, 255))
			                                     : "helpmap "[dice_below(&dice, 8)];
		typed[length] = '\0';
		words_nearest(typed, name);
		assert_in_range(words_split(typed, words), 0, length / 2 + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_split),
	        cmocka_unit_test(test_nearest),
	        cmocka_unit_test(test_complete),
	        cmocka_unit_test(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
