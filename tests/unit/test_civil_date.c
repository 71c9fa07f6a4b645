/*
 * Dates against the host's calendar.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "dice.h"
#include "time/civil_date.h"

static void assert_as_host(uint64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	struct civil_date date = civil_date_from_seconds(seconds);

	assert_non_null(gmtime_r(&when, &tm));
	assert_true(civil_date_is_valid(&date));
	assert_int_equal(date.year, tm.tm_year + 1900);
	assert_int_equal(date.month, tm.tm_mon + 1);
	assert_int_equal(date.day, tm.tm_mday);
	assert_int_equal(date.hour, tm.tm_hour);
	assert_int_equal(date.minute, tm.tm_min);
	assert_int_equal(date.second, tm.tm_sec);
	assert_int_equal(civil_date_to_seconds(&date), seconds);
	assert_int_equal(timegm(&tm), seconds);
}

/* The last second of each day and the first of the next, from 1970 to 2420: more than a whole era. */
static void test_every_day(void **state)
{
	(void)state;
	for (uint64_t day = 0; day < 164400; day++) {
		assert_as_host(day * 86400);
		assert_as_host(day * 86400 + 86399);
	}
}

static void test_random_moments(void **state)
{
	struct dice dice = dice_take("test_civil_date");

	(void)state;
	for (int i = 0; i < 200000; i++)
		assert_as_host(dice_below(&dice, 253402300800)); /* to the end of 9999 */
}

static void test_what_is_no_date(void **state)
{
	static const struct civil_date good[] = {
	        {1970, 1, 1, 0, 0, 0},
	        {2000, 2, 29, 23, 59, 59},
	        {2028, 2, 29, 0, 0, 0},
	        {2099, 12, 31, 23, 59, 59},
	};
	static const struct civil_date bad[] = {
	        {1969, 12, 31, 23, 59, 59},
	        {2026, 0, 1, 0, 0, 0},
	        {2026, 13, 1, 0, 0, 0},
	        {2026, 1, 0, 0, 0, 0},
	        {2026, 4, 31, 0, 0, 0},
	        {2026, 2, 29, 0, 0, 0},
	        {2100, 2, 29, 0, 0, 0},
	        {2026, 1, 1, 24, 0, 0},
	        {2026, 1, 1, 0, 60, 0},
	        {2026, 1, 1, 0, 0, 60},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(civil_date_is_valid(&good[i]));
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(civil_date_is_valid(&bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_day),
	        cmocka_unit_test(test_random_moments),
	        cmocka_unit_test(test_what_is_no_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
