/*
 * The frequency of the time-stamp counter from stamps of an invented machine: a timer with a period of 55 ms that runs
 * in mode 2 or 3, read at random moments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/log.h"
#include "dice.h"
#include "pit.h"
#include "time/boot_time.h"

/* What boot_time.c needs of the kernel beside the function under test. */
void log_print(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void pit_stamp(struct boot_stamp *stamp)
{
	*stamp = (struct boot_stamp){0};
}

enum { STAMPS_MAX = 8, PERIOD = 65536 };

struct machine {
	unsigned int mode; /* 2 or 3 */
	uint64_t hz;
	uint64_t tick0; /* the timer's tick when the counter was 0 */
};

static struct boot_stamp stamp_at(const struct machine *m, uint64_t tsc)
{
	uint64_t tick = m->tick0 + (uint64_t)((unsigned __int128)tsc * PIT_HZ / m->hz);
	unsigned int in_period = (unsigned int)(tick % PERIOD);
	struct boot_stamp s = {.tsc = tsc};

	if (m->mode == 2) {
		s.pit_count = (uint16_t)(PERIOD - in_period);
		s.pit_status = 0x34 | 0x80;
	} else {
		s.pit_count = (uint16_t)(PERIOD - 2 * in_period);
		s.pit_status = (uint8_t)(0x36 | (in_period < PERIOD / 2 ? 0x80 : 0));
	}
	return s;
}

/* Stamps at these milliseconds, in tenths. */
static uint64_t measure(const struct machine *m, const unsigned int *tenths, unsigned int count)
{
	struct boot_stamp stamps[STAMPS_MAX];

	for (unsigned int i = 0; i < count; i++)
		stamps[i] = stamp_at(m, m->hz / 10000 * tenths[i]);
	return boot_time_tsc_hz(stamps, count);
}

static void assert_near(uint64_t hz, uint64_t wanted, unsigned int parts)
{
	uint64_t slack = wanted / parts;

	if (hz < wanted - slack || hz > wanted + slack)
		fail_msg("%llu Hz measured, %llu are right", (unsigned long long)hz, (unsigned long long)wanted);
}

static void test_short_start(void **state)
{
	static const unsigned int tenths[] = {1, 9, 12, 90, 95, 104};
	struct dice dice = dice_take("test_boot_time");

	(void)state;
	for (uint64_t rounds = dice_rounds(20000); rounds > 0; rounds--) {
		struct machine m = {2 + (unsigned int)dice_below(&dice, 2), 4000000 + dice_below(&dice, 5000000000),
		        dice_below(&dice, PERIOD)};

		assert_near(measure(&m, tenths, 6), m.hz, 1000);
	}
}

/* One hop takes longer than the timer's period, even several of them: the short hops tell how many. */
static void test_long_start(void **state)
{
	struct dice dice = dice_take("test_boot_time");

	(void)state;
	for (uint64_t rounds = dice_rounds(20000); rounds > 0; rounds--) {
		struct machine m = {2 + (unsigned int)dice_below(&dice, 2), 4000000 + dice_below(&dice, 5000000000),
		        dice_below(&dice, PERIOD)};
		unsigned int hop = 100 + (unsigned int)dice_below(&dice, 4000);
		unsigned int tenths[] = {1, 21, 31, 31 + hop, 36 + hop, 66 + hop};

		assert_near(measure(&m, tenths, 6), m.hz, 1000);
	}
}

static void test_nothing_to_say(void **state)
{
	static const unsigned int close[] = {1, 2, 3, 6}, back[] = {1, 30, 20, 40}, far[] = {1, 100};
	struct machine m = {2, 2000000000, 0};
	struct boot_stamp still[] = {{.tsc = 1000, .pit_status = 0x34}, {.tsc = 90000000, .pit_status = 0x34}};
	struct boot_stamp odd_mode[] = {{.tsc = 1000, .pit_status = 0x30}, {.tsc = 90000000, .pit_status = 0x30}};

	(void)state;
	assert_int_equal(boot_time_tsc_hz(NULL, 0), 0);
	assert_int_equal(measure(&m, far, 1), 0);
	assert_int_equal(measure(&m, close, 4), 0);
	assert_int_equal(measure(&m, back, 4), 0);
	assert_int_equal(boot_time_tsc_hz(still, 2), 0);
	assert_int_equal(boot_time_tsc_hz(odd_mode, 2), 0);
	assert_near(measure(&m, far, 2), m.hz, 1000);
	m.hz = 900000;
	assert_int_equal(measure(&m, far, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_short_start),
	        cmocka_unit_test(test_long_start),
	        cmocka_unit_test(test_nothing_to_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
