/*
 * spin: threads that do nothing but use CPUs, for a while.
 */
#include "abi/errno.h"
#include "core/monitor_command.h"
#include "cpu.h"
#include "lib/format.h"
#include "lib/number.h"
#include "task/thread.h"
#include "time/clock.h"

#define THREADS     3u
#define THREADS_MAX 64u
#define SECONDS     20u
#define SECONDS_MAX 3600u

/* Until then, on the monotonic clock; or until it is killed. */
static intptr_t spin_until(void *end_ns)
{
	while (clock_monotonic_ns() < (uint64_t)end_ns && !thread_is_killed())
		cpu_relax();
	return 0;
}

/* How many there are in the end. */
static uint64_t start(uint64_t wanted, uint64_t end_ns)
{
	uint64_t started = 0;

	for (; started < wanted; started++) {
		struct thread *thread = thread_create(.name = "spinner", .run = spin_until, .argument = (void *)end_ns);

		if (thread == NULL)
			break;
		thread_detach(thread);
	}
	return started;
}

static bool is_good(const char *word, uint64_t max, uint64_t *number)
{
	return number_parse(word, 10, number) && *number >= 1 && *number <= max;
}

static int spin(struct command_output *output, unsigned int count, char *const words[])
{
	uint64_t wanted = THREADS, seconds = SECONDS, started;

	if (count > 3)
		return command_refuse(output, words[0]);
	if ((count > 1 && !is_good(words[1], THREADS_MAX, &wanted)) ||
	        (count > 2 && !is_good(words[2], SECONDS_MAX, &seconds))) {
		command_print(output, "THREADS is a number from 1 to %u, SECONDS one from 1 to %u.\n", THREADS_MAX,
		        SECONDS_MAX);
		return -EINVAL;
	}
	started = start(wanted, clock_monotonic_ns() + seconds * NS_PER_SECOND);
	if (started < wanted) {
		command_print(output, "There is no memory for more than %lu of %lu threads.\n", started, wanted);
		return -ENOMEM;
	}
	command_print(output, "%lu thread%s named spinner, for %lu second%s.\n", started, format_plural(started),
	        seconds, format_plural(seconds));
	return 0;
}

MONITOR_COMMAND(spin, "[THREADS [SECONDS]]", "threads that compute: see threads, cpus, top, trace", spin);
