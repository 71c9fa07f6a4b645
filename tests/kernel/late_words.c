/*
 * The command `late`: says a line a few times, by a timer, while somebody goes on typing.
 */
#include "core/log.h"
#include "core/monitor_command.h"
#include "time/clock.h"
#include "time/timer.h"

#define LINES 8u
#define PAUSE 20000000u /* ns */

static unsigned int said;

static void say(struct timer *timer)
{
	log_info("late line %u\n", ++said);
	if (said < LINES)
		timer_start(timer, clock_monotonic_ns() + PAUSE);
}

static struct timer timer = {.fire = say};

static int late(struct command_output *output, unsigned int count, char *const words[])
{
	(void)output;
	(void)count;
	(void)words;
	said = 0;
	timer_start(&timer, clock_monotonic_ns() + PAUSE);
	return 0;
}

MONITOR_COMMAND(late, "", "says lines later (tests)", late);
