/*
 * Clock and timers on the real chips. No test here depends on how fast the machine is: only on which of its clocks says
 * what.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "bus/acpi.h"
#include "cpu.h"
#include "time/clock.h"
#include "time/timer.h"
#include "time/wall_clock.h"

#define MS    1000000ull
#define MANY  50
#define STEPS 100000

struct noted {
	struct timer timer;
	unsigned int place; /* in which it fired; 0: it has not */
	uint64_t at;
};

static struct noted noted[MANY];
static unsigned int fired;

static void note(struct timer *timer)
{
	struct noted *n = (struct noted *)timer;

	n->place = ++fired;
	n->at = clock_monotonic_ns();
}

static void begin(void)
{
	fired = 0;
	for (unsigned int i = 0; i < MANY; i++)
		noted[i] = (struct noted){.timer.fire = note};
}

/* Until so many have fired. */
static void wait(unsigned int count)
{
	cpu_disable_interrupts();
	while (fired < count) {
		cpu_wait_for_interrupt();
		cpu_disable_interrupts();
	}
	cpu_enable_interrupts();
}

KERNEL_TEST(time_never_goes_back)
{
	uint64_t first = clock_monotonic_ns(), last = first;

	EXPECT(first != 0);
	for (unsigned int i = 0; i < STEPS; i++) {
		uint64_t now = clock_monotonic_ns();

		EXPECT(now >= last);
		last = now;
		if (i % 1000 == 0)
			clock_check();
	}
	EXPECT(last > first);
}

/* Never before its deadline, whatever the chip thinks. */
KERNEL_TEST(time_timer_fires)
{
	static const uint64_t waits[] = {0, 1, 1000, 100000, 3 * MS, 60 * MS, 150 * MS};

	for (unsigned int i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		uint64_t deadline = clock_monotonic_ns() + waits[i];

		begin();
		timer_start(&noted[0].timer, deadline);
		wait(1);
		EXPECT(noted[0].at >= deadline);
		EXPECT(!timer_is_pending(&noted[0].timer));
	}
}

/* Starts them all, again if the first is due before the last is started: a host may stop us at any time. */
static uint64_t start_all(void)
{
	uint64_t start;

	cpu_disable_interrupts();
	do {
		start = clock_monotonic_ns() + 20 * MS;
		for (unsigned int i = 0; i < MANY; i++)
			timer_start(&noted[i].timer, start + (MANY - 1 - i) / 5 * MS);
	} while (clock_monotonic_ns() >= start);
	return start;
}

/* By deadline; of one deadline, as they came; what is cancelled or moved does as it is told. */
KERNEL_TEST(time_timers_in_order)
{
	uint64_t start;

	begin();
	start = start_all();
	EXPECT(timer_cancel(&noted[7].timer));
	EXPECT(!timer_cancel(&noted[7].timer));
	timer_start(&noted[0].timer, start + 50 * MS); /* was to be among the last, now it is the last */
	cpu_enable_interrupts();
	wait(MANY - 1);
	EXPECT(noted[7].place == 0);
	EXPECT(noted[0].place == MANY - 1);
	for (unsigned int i = 1; i < MANY; i++) {
		unsigned int deadline = (MANY - 1 - i) / 5;

		for (unsigned int j = 1; j < i; j++) {
			if (i == 7 || j == 7)
				continue;
			EXPECT((noted[j].place < noted[i].place) == (deadline == (MANY - 1 - j) / 5));
		}
	}
}

static struct timer periodic;
static unsigned int rounds;

static void fire_again(struct timer *timer)
{
	if (++rounds < 100)
		timer_start(timer, timer->node.deadline + MS);
}

/* A timer that starts itself again keeps the pace. */
KERNEL_TEST(time_timer_again)
{
	uint64_t start = clock_monotonic_ns();

	rounds = 0;
	periodic.fire = fire_again;
	timer_start(&periodic, start + MS);
	cpu_disable_interrupts();
	while (rounds < 100) {
		cpu_wait_for_interrupt();
		cpu_disable_interrupts();
	}
	cpu_enable_interrupts();
	EXPECT(clock_monotonic_ns() >= start + 100 * MS);
}

/* An interrupt that is served much too late does not make the timer look slow for ever: that would be thousands. */
KERNEL_TEST(time_after_a_late_interrupt)
{
	uint64_t start, before;

	if (clock_source()->bits < 24) {
		kernel_test_skip("this clock needs an interrupt at least every 55 ms");
		return;
	}
	begin();
	cpu_disable_interrupts();
	start = clock_monotonic_ns();
	timer_start(&noted[0].timer, start + MS / 10);
	while (clock_monotonic_ns() - start < 300 * MS)
		cpu_relax();
	cpu_enable_interrupts();
	wait(1);
	timer_start(&noted[1].timer, clock_monotonic_ns() + 300 * MS);
	wait(2); /* now it knows */
	before = timer_interrupts();
	timer_start(&noted[2].timer, clock_monotonic_ns() + 300 * MS);
	wait(3);
	EXPECT(timer_interrupts() - before < 100);
}

KERNEL_TEST(time_wall)
{
	uint64_t monotonic = clock_monotonic_ns(), wall = clock_wall(), later;

	if (wall == 0) {
		kernel_test_skip("this machine does not know what time it is");
		return;
	}
	later = clock_wall();
	EXPECT(later >= wall && later - wall <= clock_monotonic_ns() - monotonic);
}

#define RTC_INDEX 0x70
#define RTC_DATA  0x71
#define RTC_MONTH 8

/* Somebody sets the RTC: the clock does not look at it any more, until it is told to. */
KERNEL_TEST(time_rtc_is_set)
{
	const struct acpi_fadt *fadt = &acpi_info()->fadt;
	uint64_t wall = clock_wall(), monotonic = clock_monotonic_ns();
	uint8_t month;

	if (wall == 0) {
		kernel_test_skip("this machine does not know what time it is");
		return;
	}
	cpu_out8(RTC_INDEX, RTC_MONTH);
	month = cpu_in8(RTC_DATA);
	cpu_out8(RTC_DATA, month == 1 ? 7 : 1);
	EXPECT(clock_wall() - wall < NS_PER_SECOND * 60);
	wall_clock_start(fadt, true);
	EXPECT(clock_wall() - wall > NS_PER_SECOND * 86400 || clock_wall() < wall);
	EXPECT(clock_monotonic_ns() >= monotonic && clock_monotonic_ns() - monotonic < NS_PER_SECOND * 60);
	cpu_out8(RTC_INDEX, RTC_MONTH);
	cpu_out8(RTC_DATA, month);
	wall_clock_start(fadt, true);
	EXPECT(clock_wall() + NS_PER_SECOND - wall < NS_PER_SECOND * 60); /* which it reads to the second */
}
