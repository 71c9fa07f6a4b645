#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "dice.h"
#include "lib/number.h"

static void assert_number(const char *text, unsigned int base, uint64_t expected)
{
	uint64_t number = ~expected;

	assert_true(number_parse(text, base, &number));
	assert_int_equal(number, expected);
}

static void assert_none(const char *text, unsigned int base)
{
	uint64_t number = 77;

	assert_false(number_parse(text, base, &number));
	assert_int_equal(number, 77);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_number("0", 10, 0);
	assert_number("10", 10, 10);
	assert_number("10", 16, 16);
	assert_number("0x10", 10, 16);
	assert_number("0XfF", 16, 255);
	assert_number("00000000000000000000000000000000000001", 10, 1);
	assert_number("ffffffffffffffff", 16, UINT64_MAX);
	assert_number("18446744073709551615", 10, UINT64_MAX);
}

static void test_what_is_none(void **state)
{
	static const char *const decimal[] = {"", "a", "1a", " 1", "1 ", "-1", "+1", "0x", "0xg", "1.",
	        "18446744073709551616", "20000000000000000000", "99999999999999999999999", "0x10000000000000000"};

	(void)state;
	for (size_t i = 0; i < sizeof(decimal) / sizeof(decimal[0]); i++)
		assert_none(decimal[i], 10);
	assert_none("g", 16);
	assert_none("x10", 16);
	assert_none("10000000000000000", 16);
	assert_none("ffff_0000", 16);
}

static void test_round_trip(void **state)
{
	struct dice dice = dice_take("test_number");

	(void)state;
	for (uint64_t rounds = dice_rounds(20000); rounds > 0; rounds--) {
		uint64_t number = dice_roll(&dice) >> dice_below(&dice, 64);
		char text[40];

		snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
		assert_number(text, 10, number);
		snprintf(text, sizeof(text), "%llX", (unsigned long long)number);
		assert_number(text, 16, number);
		snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)number);
		assert_number(text, 10, number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_numbers),
	        cmocka_unit_test(test_what_is_none),
	        cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
