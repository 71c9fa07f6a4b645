/*
 * What a battery-backed clock shows, in each of its four formats, and what is no time at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "dice.h"
#include "time/clock.h"
#include "time/wall_clock.h"

static struct rtc_reading chip; /* what the invented chip shows */
static bool chip_is_there;
static uint64_t set_to; /* ns; 0: was not set */

bool rtc_read(struct rtc_reading *reading, uint8_t century)
{
	*reading = chip;
	if (century != 0x32)
		reading->century = 0;
	return chip_is_there;
}

void clock_set_wall(uint64_t ns)
{
	set_to = ns;
}

uint64_t clock_wall(void)
{
	return set_to;
}

static uint8_t stored(unsigned int number, uint8_t format)
{
	return (uint8_t)(format & RTC_BINARY ? number : number / 10 * 16 + number % 10);
}

static struct rtc_reading reading_of(const struct civil_date *d, uint8_t format, bool with_century)
{
	unsigned int hour = format & RTC_24_HOURS ? d->hour : (d->hour + 11) % 12 + 1;
	uint8_t pm = format & RTC_24_HOURS || d->hour < 12 ? 0 : RTC_PM;
	struct rtc_reading r = {
	        .second = stored(d->second, format),
	        .minute = stored(d->minute, format),
	        .hour = stored(hour, format) | pm,
	        .day = stored(d->day, format),
	        .month = stored(d->month, format),
	        .year = stored(d->year % 100, format),
	        .century = with_century ? stored(d->year / 100, format) : 0,
	        .format = format,
	};

	return r;
}

static void test_formats(void **state)
{
	static const uint8_t formats[] = {0, RTC_BINARY, RTC_24_HOURS, RTC_BINARY | RTC_24_HOURS};
	struct dice dice = dice_take("test_wall_clock");

	(void)state;
	for (int i = 0; i < 200000; i++) {
		bool with_century = dice_below(&dice, 2);
		/* Without its century a year is one of 1970 to 2069. */
		uint64_t end = with_century ? 4133980800 : 3155760000;
		struct civil_date date = civil_date_from_seconds(dice_below(&dice, end)), seen;
		struct rtc_reading r = reading_of(&date, formats[dice_below(&dice, 4)], with_century);

		assert_true(wall_clock_decode(&r, &seen));
		assert_memory_equal(&seen, &date, sizeof(date));
	}
}

/* Noon and midnight are where clocks of twelve hours are misread. */
static void test_twelve_hours(void **state)
{
	static const struct {
		uint8_t hour;
		unsigned int means;
	} hours[] = {{0x12, 0}, {0x01, 1}, {0x11, 11}, {0x92, 12}, {0x81, 13}, {0x91, 23}};
	struct rtc_reading r = {.day = 1, .month = 1, .year = 0x26, .century = 0x20};
	struct civil_date date;

	(void)state;
	for (unsigned int i = 0; i < sizeof(hours) / sizeof(hours[0]); i++) {
		r.hour = hours[i].hour;
		assert_true(wall_clock_decode(&r, &date));
		assert_int_equal(date.hour, hours[i].means);
	}
	r.hour = 0;
	assert_false(wall_clock_decode(&r, &date));
	r.hour = 0x13;
	assert_false(wall_clock_decode(&r, &date));
}

static void test_nonsense(void **state)
{
	static const struct rtc_reading good = {0x59, 0x59, 0x23, 0x28, 0x02, 0x30, 0x20, RTC_24_HOURS};
	struct rtc_reading r = good;
	struct civil_date date;

	(void)state;
	assert_true(wall_clock_decode(&r, &date));
	r.second = 0x5a;
	assert_false(wall_clock_decode(&r, &date));
	r = good, r.minute = 0x60;
	assert_false(wall_clock_decode(&r, &date));
	r = good, r.hour = 0x24;
	assert_false(wall_clock_decode(&r, &date));
	r = good, r.day = 0x29; /* of February 2030 */
	assert_false(wall_clock_decode(&r, &date));
	r = good, r.month = 0;
	assert_false(wall_clock_decode(&r, &date));
	r = good, r.year = 0xff;
	assert_false(wall_clock_decode(&r, &date));
	r = good, r.century = 0xff; /* a register that holds something else: the year alone decides */
	assert_true(wall_clock_decode(&r, &date));
	assert_int_equal(date.year, 2030);
	memset(&r, 0xff, sizeof(r));
	assert_false(wall_clock_decode(&r, &date));
}

static void test_start(void **state)
{
	static const struct civil_date date = {2030, 2, 28, 23, 59, 59};
	struct acpi_fadt fadt = {.century = 0x32};
	char text[WALL_CLOCK_TEXT_MAX];

	(void)state;
	chip = reading_of(&date, RTC_24_HOURS, true);
	wall_clock_start(&fadt, true);
	assert_int_equal(set_to, 0);
	assert_string_equal(wall_clock_text(text), "the hour is not known");
	chip_is_there = true;
	wall_clock_start(&fadt, false);
	assert_int_equal(set_to, 0);
	fadt.boot_flags = ACPI_BOOT_NO_RTC;
	wall_clock_start(&fadt, true);
	assert_int_equal(set_to, 0);
	fadt.boot_flags = 0;
	wall_clock_start(&fadt, true);
	assert_int_equal(set_to, 1898553599 * NS_PER_SECOND);
	assert_string_equal(wall_clock_text(text), "2030-02-28 23:59:59 UTC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_formats),
	        cmocka_unit_test(test_twelve_hours),
	        cmocka_unit_test(test_nonsense),
	        cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
