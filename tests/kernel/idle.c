/*
 * idle=SECONDS: how often a machine with nothing to do is woken, and whether its clocks agree meanwhile. idle=SECONDS,1
 * does so with a timer that fires every second.
 */
#include <stdbool.h>

#include "core/boot_word.h"
#include "core/irq.h"
#include "core/log.h"
#include "cpu.h"
#include "local_apic.h"
#include "machine_end.h"
#include "rtc.h"
#include "time/clock.h"
#include "time/time.h"
#include "time/timer.h"
#include "time/wall_clock.h"

#define EDGE_NS (NS_PER_SECOND / 200) /* how exactly the moment is found when the RTC's second changes */

static volatile bool awake;
static volatile unsigned int seconds;

static void wake(struct timer *timer)
{
	(void)timer;
	awake = true;
}

static void count_second(struct timer *timer)
{
	seconds++;
	timer_start(timer, timer->node.deadline + NS_PER_SECOND);
}

static void sleep_until(uint64_t deadline)
{
	struct timer timer = {.fire = wake};

	awake = false;
	timer_start(&timer, deadline);
	cpu_disable_interrupts();
	while (!awake) {
		cpu_wait_for_interrupt();
		cpu_disable_interrupts();
	}
	cpu_enable_interrupts();
}

static uint64_t interrupts(void)
{
	uint64_t sum = irq_count_spurious();

	if (local_apic_present())
		sum += timer_interrupts(); /* else they come by a line, which has a count of its own */
	for (unsigned int i = 0; i < IRQ_SOURCES; i++)
		sum += irq_count(i).total;
	return sum;
}

/* What the RTC shows, as seconds since 1970; 0: nothing. */
static uint64_t rtc_seconds(void)
{
	struct rtc_reading reading;
	struct civil_date date;

	return rtc_read(&reading, 0) && wall_clock_decode(&reading, &date) ? civil_date_to_seconds(&date) : 0;
}

/* When the RTC's second changes, so that seconds can be compared with nanoseconds. */
static uint64_t wait_for_edge(void)
{
	uint64_t before = rtc_seconds(), now;

	while ((now = rtc_seconds()) == before || now == 0)
		sleep_until(clock_monotonic_ns() + EDGE_NS);
	return now;
}

static unsigned int number(const char **text, const char *end)
{
	unsigned int value = 0;

	while (*text < end && **text >= '0' && **text <= '9')
		value = value * 10 + (unsigned int)(*(*text)++ - '0');
	return value;
}

static void idle(const struct boot_info *info, const char *value, size_t value_length)
{
	const char *end = value + value_length;
	uint64_t wanted = number(&value, end), rtc0 = wait_for_edge(), start = clock_monotonic_ns(), before, rtc;
	bool ticks = value < end && *value == ',';
	struct timer second = {.fire = count_second};

	(void)info;
	time_settle();
	before = interrupts();
	if (ticks)
		timer_start(&second, start + NS_PER_SECOND);
	sleep_until(start + wanted * NS_PER_SECOND);
	before = interrupts() - before;
	timer_cancel(&second);
	rtc = wait_for_edge() - rtc0;
	log_info("idle: %lu s, %lu interrupts, %u timers\n", wanted, before, seconds);
	log_info("idle: %lu s of the RTC were %lu us of the clock\n", rtc, (clock_monotonic_ns() - start) / 1000);
	log_drain();
	machine_end(true);
}

BOOT_WORD(idle, "idle=SECONDS counts interrupts while nothing happens; idle=SECONDS,1 while a timer fires each second",
        idle);
