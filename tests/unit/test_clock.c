/*
 * The clock on an invented machine whose counters wrap, run wrong, jump and stop, as the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/log.h"
#include "core/panic.h"
#include "dice.h"
#include "time/clock.h"

#define TSC_HZ 2995000000ull
#define PM_HZ  3579545ull
#define MS     1000000ull

static uint64_t real_ns; /* what time it really is */

struct counter {
	uint64_t real_hz, offset, frozen; /* frozen: stands at this, if it is not 0 */
	unsigned int bits;
	uint64_t read_costs; /* ns */
	unsigned int reads;
	unsigned int interrupted_read; /* this one takes 20 ms more */
};
static struct counter counters[4];

static uint64_t count(struct counter *c)
{
	uint64_t ticks = (uint64_t)((unsigned __int128)real_ns * c->real_hz / NS_PER_SECOND) + c->offset;

	if (c->frozen != 0)
		ticks = c->frozen;
	real_ns += c->read_costs;
	if (++c->reads == c->interrupted_read)
		real_ns += 20 * MS;
	return c->bits < 64 ? ticks & ((1ull << c->bits) - 1) : ticks;
}

static uint64_t read_tsc(void)
{
	return count(&counters[0]);
}

static uint64_t read_hpet(void)
{
	return count(&counters[1]);
}

static uint64_t read_pm(void)
{
	return count(&counters[2]);
}

static uint64_t read_pit(void)
{
	return count(&counters[3]);
}

static struct clock_source tsc, hpet, pm, pit;
static struct clock_source *const all[] = {&tsc, &hpet, NULL, &pm, &pit};

static char said[400];

void log_print(enum log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	vsnprintf(said + strlen(said), sizeof(said) - strlen(said), format, args);
	va_end(args);
}

_Noreturn void panic(const char *format, ...)
{
	fail_msg("panic: %s", format);
	abort();
}

/* A machine whose TSC is believed to run at `believed_hz`; the clock begins at 0. */
static void begin(uint64_t believed_hz, const struct clock_source *reference, bool has_hpet)
{
	counters[0] = (struct counter){.real_hz = TSC_HZ, .offset = 1ull << 40, .bits = 64, .read_costs = 10};
	counters[1] = (struct counter){.real_hz = 100000000, .offset = 0xfffffff0, .bits = 32, .read_costs = 700};
	counters[2] = (struct counter){.real_hz = PM_HZ, .offset = 0xfffff0, .bits = 24, .read_costs = 900};
	counters[3] = (struct counter){.real_hz = 1193182, .offset = 0xfff0, .bits = 16, .read_costs = 2000};
	pit = (struct clock_source){.name = "PIT", .read = read_pit, .bits = 16, .is_exact = true};
	tsc = (struct clock_source){.name = "TSC", .read = read_tsc, .hz = believed_hz, .bits = 64, .rating = 3};
	hpet = (struct clock_source){.name = "HPET",
	        .read = read_hpet,
	        .hz = has_hpet ? 100000000 : 0,
	        .bits = 32,
	        .rating = 2,
	        .is_exact = true};
	pm = (struct clock_source){
	        .name = "PM", .read = read_pm, .hz = PM_HZ, .bits = 24, .rating = 1, .is_exact = true};
	said[0] = '\0';
	clock_start(all, 5, reference, clock_monotonic_ns()); /* what earlier tests were told stays told */
}

static void assert_near(uint64_t value, uint64_t wanted, uint64_t slack)
{
	if (value + slack < wanted || value > wanted + slack)
		fail_msg("%llu, but %llu are right", (unsigned long long)value, (unsigned long long)wanted);
}

/* The clock runs as time does, for a while, checked every `every` ns. */
static void assert_right(uint64_t ns, uint64_t every)
{
	uint64_t real0 = real_ns, clock0 = clock_monotonic_ns();

	while (real_ns - real0 < ns) {
		real_ns += every;
		clock_check();
	}
	assert_near(clock_monotonic_ns() - clock0, real_ns - real0, 5000 + ns / 2000);
}

/* ---- arithmetic ---- */

static void test_scale(void **state)
{
	struct dice dice = dice_take("test_clock");

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		uint64_t hz = 1000000 + dice_below(&dice, 10000000000),
		         ticks = dice_roll(&dice) >> dice_below(&dice, 64);
		long double exact = (long double)ticks * 1e9L / (long double)hz;
		uint64_t ns = clock_to_ns(ticks, clock_scale(hz));

		if (exact > 18446744073709551615.0L * 1.0001L)
			assert_int_equal(ns, UINT64_MAX);
		else if (exact < 18446744073709551615.0L * 0.9999L)
			assert_true(ns <= exact && (long double)ns >= exact - exact / 100000000.0L - 1);
	}
}

static void test_proportion(void **state)
{
	struct dice dice = dice_take("test_clock");

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		uint64_t a = dice_roll(&dice) >> dice_below(&dice, 64), b = dice_roll(&dice) >> dice_below(&dice, 64);
		uint64_t c = (dice_roll(&dice) >> dice_below(&dice, 64)) + 1;
		unsigned __int128 exact;

		c = c == 0 ? 1 : c;
		exact = (unsigned __int128)a * b / c;
		assert_int_equal(clock_proportion(a, b, c), exact > UINT64_MAX ? UINT64_MAX : (uint64_t)exact);
	}
}

/* ---- the clock ---- */

static void test_nothing_there(void **state)
{
	(void)state;
	assert_int_equal(clock_monotonic_ns(), 0);
	assert_int_equal(clock_wall(), 0);
	assert_null(clock_source());
	assert_int_equal(clock_patience_ns(), UINT64_MAX);
	clock_check();
}

static void test_choice(void **state)
{
	(void)state;
	begin(TSC_HZ, &pm, true);
	assert_ptr_equal(clock_source(), &tsc);
	assert_int_equal(clock_patience_ns(), UINT64_MAX);
	real_ns += MS;
	assert_true(clock_monotonic_ns() > 0);
	assert_int_equal(clock_wall(), 0); /* nobody has said */
	begin(0, &pm, true);
	assert_ptr_equal(clock_source(), &hpet);
	begin(0, &pm, false);
	assert_ptr_equal(clock_source(), &pm);
	assert_near(clock_patience_ns(), 1171 * MS, MS); /* a quarter of 2^24 ticks */
}

/* Counters of 32 and 24 bits, read as seldom as they allow, over a thousand rounds. */
static void test_wraps(void **state)
{
	(void)state;
	begin(0, &pm, true);
	assert_right(3600 * NS_PER_SECOND, clock_patience_ns());
	begin(0, NULL, false);
	assert_right(3600 * NS_PER_SECOND, clock_patience_ns());
	begin(0, NULL, false);
	assert_right(10 * NS_PER_SECOND, 1000);
}

/* The reference does not check itself, and a rate that the chip itself says is not measured. */
static void test_exact(void **state)
{
	(void)state;
	begin(0, &pm, false);
	real_ns += 500 * MS;
	counters[2].reads = 0;
	clock_check();
	assert_int_equal(counters[2].reads, 1);
	begin(0, &pm, true);
	counters[1].real_hz += counters[1].real_hz / 10000;
	clock_start(all, 5, &pm, clock_monotonic_ns());
	for (int i = 0; i < 100; i++) {
		real_ns += 100 * MS;
		clock_check();
	}
	assert_int_equal(hpet.hz, 100000000);
	assert_ptr_equal(clock_source(), &hpet);
}

/* Sixteen bits: the checks come before the counter is round. */
static void test_short_counter(void **state)
{
	(void)state;
	begin(0, &pm, false);
	pit.hz = 1193182;
	pit.rating = 9;
	clock_start(all, 5, &pm, clock_monotonic_ns());
	assert_ptr_equal(clock_source(), &pit);
	assert_right(10 * NS_PER_SECOND, clock_patience_ns());
	assert_right(10 * NS_PER_SECOND, clock_patience_ns() / 7);
	assert_ptr_equal(clock_source(), &pit);
}

/* The rate from the loader's stamps is a little off: fifteen milliseconds mend it, a minute makes it good. */
static void test_measured(void **state)
{
	uint64_t before;
	static const uint64_t believed[] = {TSC_HZ / 1000 * 999, TSC_HZ / 1000 * 1001, TSC_HZ / 100 * 99, TSC_HZ / 2};

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		begin(believed[i], &pm, false);
		real_ns += 15 * MS;
		clock_check();
		assert_near(tsc.hz, TSC_HZ, TSC_HZ / 4000);
		for (int second = 0; second < 100; second++) {
			real_ns += NS_PER_SECOND;
			clock_check();
		}
		assert_near(tsc.hz, TSC_HZ, TSC_HZ / 1000000);
		before = clock_monotonic_ns();
		real_ns += NS_PER_SECOND;
		assert_near(clock_monotonic_ns() - before, NS_PER_SECOND, 2000);
		assert_ptr_equal(clock_source(), &tsc);
		assert_string_equal(said, "");
	}
}

/* Too short a time says nothing: the rate stays what it was. */
static void test_measured_too_early(void **state)
{
	(void)state;
	begin(TSC_HZ / 1000 * 999, &pm, false);
	real_ns += 100000;
	clock_check();
	assert_int_equal(tsc.hz, TSC_HZ / 1000 * 999);
}

/* After ten minutes nobody knows how many rounds the reference has gone: measuring begins anew. */
static void test_measured_too_late(void **state)
{
	uint64_t believed = TSC_HZ / 1000 * 994;

	(void)state;
	begin(believed, &pm, false);
	real_ns += 600 * NS_PER_SECOND;
	clock_check();
	assert_int_equal(tsc.hz, believed);
	real_ns += NS_PER_SECOND;
	clock_check();
	assert_near(tsc.hz, TSC_HZ, TSC_HZ / 100000);
}

/* Idle for hours, so that the reference went round many times: neither a wrong rate nor a false alarm. */
static void test_long_sleep(void **state)
{
	(void)state;
	begin(TSC_HZ, &pm, false);
	real_ns += 5 * MS;
	clock_check();
	for (uint64_t s = 1; s < 100000; s += s / 7 + 1) {
		real_ns += s * NS_PER_SECOND;
		clock_check();
		assert_near(tsc.hz, TSC_HZ, TSC_HZ / 4000);
	}
	assert_ptr_equal(clock_source(), &tsc);
}

/* Takes a good clock and does something to its counter; returns what time it was then. */
static uint64_t good_clock(void)
{
	begin(TSC_HZ, &pm, true);
	assert_right(2 * NS_PER_SECOND, 5 * MS);
	assert_ptr_equal(clock_source(), &tsc);
	return clock_monotonic_ns();
}

static void assert_given_up(void)
{
	assert_ptr_equal(clock_source(), &hpet);
	assert_string_equal(said, "Time: TSC jumped or stood still; the clock is HPET.\n");
	assert_right(10 * NS_PER_SECOND, 100 * MS);
	assert_ptr_equal(clock_source(), &hpet);
	assert_string_equal(said, "Time: TSC jumped or stood still; the clock is HPET.\n"); /* once */
}

/* Found out before anybody asked, a jump leaves no trace. */
static void test_jump_ahead(void **state)
{
	static const uint64_t jumps[] = {5 * MS, NS_PER_SECOND, 6 * NS_PER_SECOND, 60 * NS_PER_SECOND};

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t before = good_clock();

		counters[0].offset += jumps[i] * 3 - jumps[i] / 200;
		real_ns += 200 * MS;
		clock_check();
		assert_near(clock_monotonic_ns(), before + 200 * MS, 10000);
		assert_given_up();
	}
}

/* Far ahead, it may as well have been a long sleep. It is believed, and the clock runs on. */
static void test_leap(void **state)
{
	uint64_t before = good_clock();

	(void)state;
	counters[0].offset += (TSC_HZ / 1000) << 32; /* 49.7 days */
	real_ns += 200 * MS;
	clock_check();
	assert_near(clock_monotonic_ns(), before + (MS << 32) + 200 * MS, 1000 * NS_PER_SECOND);
	assert_right(10 * NS_PER_SECOND, 100 * MS);
}

/* What was told stays told; from there time goes on. */
static void test_jump_ahead_that_was_seen(void **state)
{
	uint64_t before = good_clock(), seen;

	(void)state;
	counters[0].offset += 60 * TSC_HZ;
	seen = clock_monotonic_ns();
	assert_near(seen, before + 60 * NS_PER_SECOND, 10000);
	real_ns += 200 * MS;
	clock_check();
	assert_near(clock_monotonic_ns(), seen, 10000);
	assert_given_up();
}

static void test_jump_back(void **state)
{
	static const uint64_t jumps[] = {TSC_HZ / 100, TSC_HZ, 3600 * TSC_HZ, 1ull << 40};

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t before = good_clock();

		counters[0].offset -= jumps[i];
		assert_int_equal(clock_monotonic_ns(), before);
		real_ns += 200 * MS;
		assert_true(clock_monotonic_ns() >= before);
		clock_check();
		assert_near(clock_monotonic_ns(), before + 200 * MS, 10000);
		assert_given_up();
	}
}

/* Right after its rate was corrected, a clock that goes back seems to stand still: one check is enough all the same. */
static void test_jump_back_after_measuring(void **state)
{
	(void)state;
	begin(TSC_HZ, &pm, true);
	real_ns += 50 * MS;
	clock_check();
	counters[0].offset -= 3600 * TSC_HZ;
	real_ns += 5 * MS;
	clock_check();
	assert_given_up();
}

/* Nothing is wrong with it here: other CPUs have others. */
static void test_distrust(void **state)
{
	uint64_t before = good_clock();

	(void)state;
	clock_distrust(clock_source());
	assert_near(clock_monotonic_ns(), before, 10000);
	assert_ptr_equal(clock_source(), &hpet);
	clock_distrust(&tsc); /* is not in use any more */
	real_ns += 5 * MS;
	assert_near(clock_monotonic_ns(), before + 5 * MS, 10000);
	assert_ptr_equal(clock_source(), &hpet);
}

/* A clock that stands still makes no time pass between checks, so calls count, too. */
static void test_stop(void **state)
{
	uint64_t before = good_clock(), real0 = real_ns;

	(void)state;
	counters[0].frozen = read_tsc();
	for (int i = 0; i < 20; i++) {
		real_ns += 5 * MS;
		clock_check();
	}
	assert_near(clock_monotonic_ns(), before + real_ns - real0, 10000);
	assert_given_up();
}

/* Everything fails, one after the other; the last one is kept, whatever it does. */
static void test_no_other(void **state)
{
	(void)state;
	begin(TSC_HZ, &pm, false);
	assert_right(NS_PER_SECOND, 5 * MS);
	counters[0].offset += TSC_HZ;
	real_ns += 200 * MS;
	clock_check();
	assert_ptr_equal(clock_source(), &pm);
	assert_right(NS_PER_SECOND, 100 * MS);
	begin(TSC_HZ, &pm, false);
	pm.given_up = true;
	assert_right(NS_PER_SECOND, 5 * MS);
	counters[0].offset += TSC_HZ;
	real_ns += 200 * MS;
	clock_check();
	assert_ptr_equal(clock_source(), &tsc);
	assert_non_null(strstr(said, "there is no other"));
	assert_right(NS_PER_SECOND, 5 * MS);
}

/* A reading that is interrupted for 20 ms proves nothing, whichever way. */
static void test_interrupted_reading(void **state)
{
	(void)state;
	good_clock();
	for (int i = 0; i < 20; i++) {
		counters[i % 2 * 2].read_costs = 20 * MS;
		real_ns += 150 * MS;
		clock_check();
		counters[i % 2 * 2].read_costs = 500;
	}
	assert_ptr_equal(clock_source(), &tsc);
	assert_near(tsc.hz, TSC_HZ, TSC_HZ / 4000);
}

/* If only one try of two is interrupted, the other is good enough to find a jump of 5 ms. */
static void test_reading_interrupted_once(void **state)
{
	(void)state;
	for (unsigned int try = 1; try <= 2; try++) {
		good_clock();
		counters[0].offset += 5 * TSC_HZ / 1000;
		real_ns += 150 * MS;
		counters[2].interrupted_read = counters[2].reads + try;
		clock_check();
		assert_given_up();
	}
}

static void test_wall(void **state)
{
	uint64_t before;

	(void)state;
	before = good_clock();
	clock_set_wall(1795369512 * NS_PER_SECOND);
	assert_near(clock_wall(), 1795369512 * NS_PER_SECOND, 1000);
	real_ns += 1500 * MS;
	assert_near(clock_wall(), 1795369513 * NS_PER_SECOND + 500 * MS, 10000);
	assert_true(clock_monotonic_ns() > before);
}

/*
 * Whatever happens to the counters, in whatever order: the clock never goes back, and when nothing has happened for a
 * while, it runs right.
 */
static void disturb(struct dice *dice)
{
	struct counter *c = &counters[dice_below(dice, 3) == 0 ? dice_below(dice, 2) : 0];

	switch (dice_below(dice, 5)) {
	case 0:
		c->offset += dice_roll(dice) >> dice_below(dice, 64);
		break;
	case 1:
		c->offset -= dice_roll(dice) >> dice_below(dice, 64);
		break;
	case 2:
		c->frozen = count(c) | 1;
		break;
	case 3:
		c->frozen = 0;
		break;
	default:
		c->real_hz = c->real_hz / 2 + dice_below(dice, c->real_hz) + 1;
		break;
	}
}

static void test_never_back(void **state)
{
	struct dice dice = dice_take("test_clock");

	(void)state;
	for (uint64_t round = dice_rounds(3000); round > 0; round--) {
		uint64_t last = clock_monotonic_ns();

		begin(TSC_HZ - TSC_HZ / 200 + dice_below(&dice, TSC_HZ / 100), &pm, true);
		if (dice_below(&dice, 2) == 0)
			counters[0].offset = -dice_below(&dice, 4 * TSC_HZ); /* the counter goes through 2^64 or 2^63 */
		if (dice_below(&dice, 2) == 0)
			counters[0].offset += 1ull << 63;
		clock_start(all, 5, &pm, last);
		for (int i = 0; i < 300; i++) {
			uint64_t now = clock_monotonic_ns();

			assert_true(now >= last);
			last = now;
			real_ns += dice_roll(&dice) >> (34 + dice_below(&dice, 30));
			if (dice_below(&dice, 3) == 0)
				clock_check();
			if (dice_below(&dice, 50) == 0)
				disturb(&dice);
		}
		if (last > 1ull << 61) /* jumps add up over the rounds: begin again before the centuries run out */
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_scale),
	        cmocka_unit_test(test_proportion),
	        cmocka_unit_test(test_nothing_there),
	        cmocka_unit_test(test_choice),
	        cmocka_unit_test(test_wraps),
	        cmocka_unit_test(test_exact),
	        cmocka_unit_test(test_short_counter),
	        cmocka_unit_test(test_measured),
	        cmocka_unit_test(test_measured_too_early),
	        cmocka_unit_test(test_measured_too_late),
	        cmocka_unit_test(test_long_sleep),
	        cmocka_unit_test(test_jump_ahead),
	        cmocka_unit_test(test_leap),
	        cmocka_unit_test(test_jump_ahead_that_was_seen),
	        cmocka_unit_test(test_jump_back),
	        cmocka_unit_test(test_jump_back_after_measuring),
	        cmocka_unit_test(test_distrust),
	        cmocka_unit_test(test_stop),
	        cmocka_unit_test(test_no_other),
	        cmocka_unit_test(test_interrupted_reading),
	        cmocka_unit_test(test_reading_interrupted_once),
	        cmocka_unit_test(test_wall),
	        cmocka_unit_test(test_never_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
