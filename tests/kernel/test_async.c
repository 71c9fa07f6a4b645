/*
 * Tasks in the kernel itself: woken by real interrupts, while the CPU sleeps.
 */
#include "kernel_test.h"

#include "abi/errno.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "lib/string.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/stream.h"
#include "task/timeout.h"
#include "task/yield.h"
#include "time/clock_sources.h"
#include "cpu.h"

#define MS 1000000ull

/* Never too early, and the CPU sleeps meanwhile. */
KERNEL_TEST(async_sleep)
{
	uint64_t halts = executor_here()->halts, deadline;
	struct sleep sleep;

	for (unsigned int i = 0; i < 5; i++) {
		deadline = clock_monotonic_ns() + 10 * MS;
		EXPECT(block_on(sleep_until(&sleep, deadline)) == 0);
		EXPECT(clock_monotonic_ns() >= deadline);
	}
	EXPECT(executor_here()->halts > halts);
}

/* ---- an interrupt handler with something to say ---- */

#define ITEMS 100

static STREAM(ticks, 8);

static void push_tick(struct timer *timer)
{
	static uint64_t number;

	if (stream_room(&ticks) > 0)
		stream_push(&ticks, number++);
	if (number < ITEMS) /* never at once: on a slow machine nothing else would run */
		timer_start(timer, clock_monotonic_ns() + (1 + number % 3) * MS);
}

struct listener {
	struct future future;
	struct next next;
	uint64_t heard;
};

ASYNC(listener)
{
	ASYNC_BEGIN;
	while (me->heard < ITEMS) {
		uint64_t number;

		await_into(number, stream_next(&me->next, &ticks));
		if (number != me->heard++)
			async_return(-EIO);
	}
	async_return(me->heard);
	ASYNC_FINALLY;
	ASYNC_END;
}

/* All of them, in order. */
KERNEL_TEST(async_stream_from_an_interrupt)
{
	struct task *task = spawn_handle(listener);
	struct timer timer = {.fire = push_tick};
	struct task_join join;

	EXPECT(task != NULL);
	timer_start(&timer, 0);
	EXPECT(block_on(task_join(&join, task)) == ITEMS);
	EXPECT(ticks.dropped == 0);
}

KERNEL_TEST(async_timeout)
{
	struct timeout limit;
	struct sleep sleep;
	struct next next;
	uint64_t start = clock_monotonic_ns();

	EXPECT(block_on(timeout(&limit, stream_next(&next, &ticks), 5 * MS)) == -ETIMEDOUT);
	EXPECT(clock_monotonic_ns() >= start + 5 * MS);
	EXPECT(!timer_is_pending(&limit.sleep.timer));
	EXPECT(block_on(timeout(&limit, sleep_for(&sleep, MS), UINT64_MAX)) == 0);
	EXPECT(!timer_is_pending(&limit.sleep.timer));
}

/* ---- what is reported ---- */

static bool is_logged(const char *part)
{
	size_t length = strlen(part);
	uint32_t position = 0;
	struct log_line line;

	while (log_read(&position, &line)) {
		for (const char *text = line.text; strlen(text) >= length; text++) {
			if (memcmp(text, part, length) == 0)
				return true;
		}
	}
	return false;
}

static struct mutex left = MUTEX("left"), right = MUTEX("right");

struct hungry {
	struct future future;
	struct mutex *first, *second;
	struct mutex_lock lock;
	struct yield yield;
};

ASYNC(hungry)
{
	ASYNC_BEGIN;
	await(mutex_lock(&me->lock, me->first));
	await(yield_now(&me->yield));
	await(mutex_lock(&me->lock, me->second));
	ASYNC_FINALLY;
	if (mutex_is_mine(me->first))
		mutex_unlock(me->first);
	if (mutex_is_mine(me->second))
		mutex_unlock(me->second);
	ASYNC_END;
}

static char shown[2000];

static void show(struct command_output *output, const char *text, size_t length)
{
	size_t old = strlen(shown);

	(void)output;
	if (old + length < sizeof(shown))
		memcpy(shown + old, text, length);
}

static bool is_shown(const char *part)
{
	for (const char *text = shown; *text != '\0'; text++) {
		if (strncmp(text, part, strlen(part)) == 0)
			return true;
	}
	return false;
}

KERNEL_TEST(async_deadlock)
{
	struct task *one = spawn_handle(hungry, .first = &left, .second = &right);
	struct task *other = spawn_handle(hungry, .first = &right, .second = &left);
	struct command_output output = {.write = show};
	const struct monitor_command *tasks = command_find("tasks");
	char name[] = "tasks", *words[] = {name, NULL};
	struct task_join join;

	EXPECT(one != NULL && other != NULL && tasks != NULL);
	while (executor_run_ready(executor_here()) != 0)
		;
	EXPECT(is_logged("Deadlock: 2 tasks in a circle"));
	EXPECT(is_logged("  hungry, at tests/kernel/test_async.c:"));
	EXPECT(is_logged(", waits for mutex left of hungry"));
	EXPECT(is_logged(", waits for mutex right of hungry"));
	EXPECT(tasks->run(&output, 1, words) == 0);
	EXPECT(is_shown("hungry         waits       2 "));
	EXPECT(is_shown("Deadlock: hungry at test_async.c:"));
	EXPECT(task_cancel(one, task_generation(one)));
	EXPECT(block_on(task_join(&join, one)) == -ECANCELED);
	EXPECT(block_on(task_join(&join, other)) == 0);
}

struct slow {
	struct future future;
	struct yield yield;
};

ASYNC(slow)
{
	ASYNC_BEGIN;
	for (uint64_t start = cpu_read_tsc(); cpu_read_tsc() - start < clock_sources_tsc()->hz / 500;)
		;
	await(yield_now(&me->yield));
	ASYNC_FINALLY;
	ASYNC_END;
}

KERNEL_TEST(async_slow_poll)
{
	struct task *task = spawn_handle(slow);
	struct task_join join;

	if (clock_sources_tsc()->hz == 0)
		SKIP("nobody knows how fast the time-stamp counter is");
	EXPECT(task != NULL);
	EXPECT(block_on(task_join(&join, task)) == 0);
	EXPECT(is_logged("Task slow ran "));
}
