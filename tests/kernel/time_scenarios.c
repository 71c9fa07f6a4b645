/*
 * ticks=N: a timer of 10 ms, N times, while somebody stops and resumes the machine. tsc=ahead and tsc=back: the
 * time-stamp counter jumps.
 */
#include <stdbool.h>

#include "core/boot_word.h"
#include "core/log.h"
#include "cpu.h"
#include "lib/string.h"
#include "machine_end.h"
#include "time/clock.h"
#include "time/timer.h"

#define MS      1000000ul
#define TICK    (10 * MS)
#define MSR_TSC 0x10u
#define JUMP    5 /* seconds */

static struct {
	unsigned int wanted, fired, early, back;
	uint64_t last;
} volatile ticks;

static void tick(struct timer *timer)
{
	uint64_t now = clock_monotonic_ns();

	ticks.early += now < timer->node.deadline;
	ticks.back += now < ticks.last;
	ticks.last = now;
	if (++ticks.fired < ticks.wanted)
		timer_start(timer, timer->node.deadline + TICK);
}

static void tick_for(unsigned int count)
{
	struct timer timer = {.fire = tick};

	ticks.wanted = ticks.fired + count;
	timer_start(&timer, clock_monotonic_ns() + TICK);
	cpu_disable_interrupts();
	while (ticks.fired < ticks.wanted) {
		cpu_wait_for_interrupt();
		cpu_disable_interrupts();
	}
	cpu_enable_interrupts();
}

static _Noreturn void end(void)
{
	log_info("ticks: %u fired, %u early, %u back; the clock is %s\n", ticks.fired, ticks.early, ticks.back,
	        clock_source()->name);
	log_drain();
	machine_end(ticks.early == 0 && ticks.back == 0);
}

static void run_ticks(const struct boot_info *info, const char *value, size_t value_length)
{
	unsigned int count = 0;

	(void)info;
	for (size_t i = 0; i < value_length; i++)
		count = count * 10 + (unsigned int)(value[i] - '0');
	log_info("ticks begin\n");
	tick_for(count);
	end();
}

BOOT_WORD(ticks, "ticks=N lets a timer fire N times, every 10 ms", run_ticks);

static void jump_tsc(const struct boot_info *info, const char *value, size_t value_length)
{
	bool ahead = value_length == 5 && memcmp(value, "ahead", 5) == 0;
	uint64_t jump = JUMP * clock_source()->hz, before, seen;

	(void)info;
	tick_for(30); /* the clock is measured */
	seen = clock_monotonic_ns();
	before = cpu_read_tsc();
	cpu_write_msr(MSR_TSC, ahead ? before + jump : before - jump);
	if (cpu_read_tsc() - before < jump / 2) {
		log_warning("tsc: this one cannot be set\n");
		end();
	}
	clock_check();
	tick_for(30);
	log_info("tsc: %lu ms passed\n", (clock_monotonic_ns() - seen) / MS);
	end();
}

BOOT_WORD(tsc, "tsc=ahead, tsc=back: what comes of a time-stamp counter that jumps", jump_tsc);
