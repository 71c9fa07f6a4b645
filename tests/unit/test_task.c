/*
 * Tasks, wakers and the things they wait for, on one invented CPU. What many CPUs do to each other is
 * tests/stress.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "abi/errno.h"
#include "dice.h"
#include "host_task.h"
#include "task/channel.h"
#include "task/sleep.h"
#include "task/stream.h"
#include "task/yield.h"

#define MS 1000000ull

static STREAM(scancodes, 8);
static char said[1000];
static unsigned int cleaned_up;

static int start(void **state)
{
	(void)state;
	host_tasks_start();
	scancodes.pushed = scancodes.taken = 0;
	scancodes.dropped = 0;
	scancodes.reader.waker = NULL;
	said[0] = '\0';
	cleaned_up = 0;
	return 0;
}

static void say(char c)
{
	size_t length = strlen(said);

	said[length] = c;
	said[length + 1] = '\0';
}

/* ---- a task that waits for a stream, as the keyboard's does ---- */

struct echo {
	struct future future;
	struct next next;
	unsigned int heard;
};

ASYNC(echo)
{
	ASYNC_BEGIN;
	for (;;) {
		int c;

		await_into(c, stream_next(&me->next, &scancodes));
		if (c == 0)
			async_return(me->heard);
		me->heard++;
		say((char)c);
	}
	ASYNC_FINALLY;
	cleaned_up++;
	ASYNC_END;
}

static void echo_what_comes(void **state)
{
	struct task *task = spawn_handle(echo);
	struct task_join join;

	(void)state;
	host_tasks_run();
	assert_string_equal(said, "");
	for (const char *c = "hello"; *c != '\0'; c++) {
		assert_true(stream_push(&scancodes, (uint64_t)*c));
		host_tasks_run();
	}
	assert_string_equal(said, "hello");
	assert_int_equal(task->polls, 6);
	stream_push(&scancodes, '!');
	stream_push(&scancodes, 0);
	assert_int_equal(block_on(task_join(&join, task)), 6);
	assert_int_equal(cleaned_up, 1);
}

static void stream_counts_what_it_drops(void **state)
{
	(void)state;
	spawn(echo);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(stream_room(&scancodes), 8 - i);
		assert_true(stream_push(&scancodes, 'a' + (uint64_t)i));
	}
	assert_false(stream_push(&scancodes, 'x'));
	assert_false(stream_push(&scancodes, 'y'));
	assert_int_equal(scancodes.dropped, 2);
	host_tasks_run();
	assert_string_equal(said, "abcdefgh");
	stream_push(&scancodes, 'i');
	host_tasks_run();
	assert_string_equal(said, "abcdefghi");
}

static void wake_twice_is_once(void **state)
{
	struct task *task = spawn(echo);

	(void)state;
	host_tasks_run();
	for (int i = 0; i < 1000; i++)
		wake(&task->waker);
	assert_int_equal(executor_run_ready(executor_here()), 1);
	assert_int_equal(executor_run_ready(executor_here()), 0);
	assert_int_equal(task->polls, 2);
}

/* ---- cancel ---- */

static void cancel_before_the_first_poll(void **state)
{
	struct task *task = spawn_handle(echo);
	struct task_join join;

	(void)state;
	assert_true(task_cancel(task, task_generation(task)));
	assert_int_equal(block_on(task_join(&join, task)), -ECANCELED);
	assert_int_equal(cleaned_up, 1);
	assert_int_equal(task->polls, 0);
}

static void cancel_while_it_waits(void **state)
{
	struct task *task = spawn(echo);
	uint32_t generation = task_generation(task);

	(void)state;
	host_tasks_run();
	assert_non_null(scancodes.reader.waker);
	assert_true(task_cancel(task, generation));
	host_tasks_run();
	assert_int_equal(cleaned_up, 1);
	assert_null(scancodes.reader.waker);
	assert_false(task_cancel(task, generation));
}

static void cancel_while_it_is_queued(void **state)
{
	struct task *task = spawn(echo);

	(void)state;
	host_tasks_run();
	stream_push(&scancodes, 'a');
	assert_true(task_cancel(task, task_generation(task)));
	host_tasks_run();
	assert_string_equal(said, "");
	assert_int_equal(cleaned_up, 1);
	assert_int_equal(stream_room(&scancodes), 7);
}

static void an_old_generation_cancels_nobody(void **state)
{
	struct task *first = spawn(echo), *second;
	uint32_t generation = task_generation(first);

	(void)state;
	task_cancel(first, generation);
	host_tasks_run();
	second = spawn(echo);
	assert_ptr_equal(first, second);
	assert_false(task_cancel(second, generation));
	host_tasks_run();
	assert_int_equal(cleaned_up, 1);
	assert_true(task_cancel(second, task_generation(second)));
	host_tasks_run();
	assert_int_equal(cleaned_up, 2);
}

/* ---- late wakes, handles, slots ---- */

static void a_late_wake_finds_nobody(void **state)
{
	struct task *task = spawn(echo);

	(void)state;
	task_cancel(task, task_generation(task));
	host_tasks_run();
	wake(&task->waker);
	assert_int_equal(executor_run_ready(executor_here()), 1);
	assert_int_equal(cleaned_up, 1);
}

static void a_late_wake_finds_the_next_tenant(void **state)
{
	struct task *task = spawn(echo);

	(void)state;
	task_cancel(task, task_generation(task));
	host_tasks_run();
	wake(&task->waker); /* queues the free slot */
	assert_ptr_equal(spawn(echo), task);
	assert_int_equal(executor_run_ready(executor_here()), 1);
	wake(&task->waker); /* a poll for nothing */
	host_tasks_run();
	assert_int_equal(task->polls, 2);
	stream_push(&scancodes, 'a');
	host_tasks_run();
	assert_string_equal(said, "a");
}

struct answer {
	struct future future;
	int value;
};

ASYNC(answer)
{
	ASYNC_BEGIN;
	async_return(me->value);
	ASYNC_FINALLY;
	ASYNC_END;
}

static void join_one_that_is_over(void **state)
{
	struct task *task = spawn_handle(answer, .value = 42);
	struct task_join join;

	(void)state;
	host_tasks_run();
	assert_ptr_not_equal(spawn(answer), task); /* the slot waits for who asks for the result */
	host_tasks_run();
	assert_int_equal(block_on(task_join(&join, task)), 42);
	assert_ptr_equal(spawn(answer), task);
}

static void a_handle_dropped_frees_the_slot(void **state)
{
	struct task *before = spawn_handle(answer), *after;

	(void)state;
	task_drop_handle(before);
	host_tasks_run();
	after = spawn_handle(answer);
	assert_ptr_equal(before, after);
	host_tasks_run();
	task_drop_handle(after);
	assert_ptr_equal(spawn(answer), after);
}

static void a_handle_given_back_twice(void **state)
{
	struct task *task = spawn_handle(answer);

	(void)state;
	host_tasks_run();
	task_drop_handle(task);
	assert_true(HOST_PANICS(task_drop_handle(task)));
	assert_non_null(strstr(host_tasks.panic_text, "answer"));
}

static void a_thousand_tasks_come_from_the_heap(void **state)
{
	static struct task *tasks[1000];
	unsigned int allocated;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000; i++)
			assert_non_null(tasks[i] = spawn_handle(answer, .value = i));
		host_tasks_run();
		for (int i = 0; i < 1000; i++) {
			struct task_join join;

			assert_int_equal(block_on(task_join(&join, tasks[i])), i);
		}
		if (round == 0)
			allocated = host_tasks.allocated;
	}
	assert_int_equal(host_tasks.allocated, allocated); /* the second time nothing was */
}

static void without_memory_there_is_no_task(void **state)
{
	unsigned int count = 0;

	(void)state;
	host_tasks.is_dry = true;
	while (spawn(answer) != NULL)
		count++;
	assert_int_equal(count, 8); /* static storage */
	host_tasks_run();
	assert_non_null(spawn(answer));
}

struct big {
	struct future future;
	char room[TASK_FRAME_MAX - sizeof(struct future)];
};

ASYNC(big)
{
	ASYNC_BEGIN;
	me->room[sizeof(me->room) - 1] = 1;
	async_return(me->room[0] + me->room[sizeof(me->room) - 1]);
	ASYNC_FINALLY;
	ASYNC_END;
}

static void the_biggest_frame(void **state)
{
	struct task_join join;

	(void)state;
	assert_int_equal(block_on(task_join(&join, spawn_handle(big))), 1);
}

/* ---- time ---- */

struct sleeper {
	struct future future;
	struct sleep sleep;
	uint64_t ns;
};

ASYNC(sleeper)
{
	ASYNC_BEGIN;
	await(sleep_for(&me->sleep, me->ns));
	say('z');
	ASYNC_FINALLY;
	cleaned_up++;
	ASYNC_END;
}

static void sleep_takes_its_time(void **state)
{
	struct task *task = spawn(sleeper, .ns = 5 * MS);

	(void)state;
	host_tasks_pass(5 * MS - 1);
	assert_string_equal(said, "");
	assert_int_equal(task->polls, 1);
	host_tasks_pass(1);
	assert_string_equal(said, "z");
	assert_int_equal(task->polls, 2);
}

static void sleep_ends_at_once_or_never(void **state)
{
	struct sleep sleep;
	uint64_t before = host_tasks.now;

	(void)state;
	assert_int_equal(block_on(sleep_until(&sleep, 0)), 0);
	assert_int_equal(block_on(sleep_until(&sleep, before)), 0);
	assert_int_equal(block_on(sleep_for(&sleep, 0)), 0);
	assert_int_equal(host_tasks.now, before);
	assert_int_equal(executor_here()->halts, 0); /* no timer was needed */
	assert_int_equal(block_on(sleep_for(&sleep, 1)), 0);
	assert_int_equal(host_tasks.now, before + 1);
	spawn(sleeper, .ns = UINT64_MAX);
	spawn(sleeper, .ns = UINT64_MAX - before - 1); /* for ever, too, but for the clock */
	host_tasks_pass(UINT64_MAX / 2);
	assert_string_equal(said, "");
}

static void a_sleep_dropped_does_not_fire(void **state)
{
	struct task *task = spawn(sleeper, .ns = MS);

	(void)state;
	host_tasks_run();
	task_cancel(task, task_generation(task));
	host_tasks_run();
	assert_int_equal(cleaned_up, 1);
	assert_ptr_equal(spawn(echo), task); /* in the frame where the timer was */
	host_tasks_pass(2 * MS);
	assert_string_equal(said, "");
	assert_int_equal(task->polls, 1);
}

/* The timer has fired, and the task is cancelled before it is polled. */
static void cancelled_when_it_just_woke(void **state)
{
	struct task *task = spawn(sleeper, .ns = MS);

	(void)state;
	host_tasks_run();
	host_tasks.now += MS;
	timer_interrupt();
	task_cancel(task, task_generation(task));
	host_tasks_run();
	assert_string_equal(said, "");
	assert_int_equal(cleaned_up, 1);
}

struct punctual {
	struct future future;
	struct sleep sleep;
	uint64_t deadline;
	uint64_t *ended;
};

ASYNC(punctual)
{
	ASYNC_BEGIN;
	await(sleep_until(&me->sleep, me->deadline));
	*me->ended = host_tasks.now;
	ASYNC_FINALLY;
	cleaned_up++;
	ASYNC_END;
}

/* Each ends at its time, or when it is cancelled, and no timer is left over. */
static void sleepers_at_random(void **state)
{
	enum { SLEEPERS = 100 };
	static uint64_t due[SLEEPERS], ended[SLEEPERS];
	struct dice dice = dice_take("sleepers_at_random");

	(void)state;
	for (uint64_t round = 0; round < dice_rounds(20); round++) {
		uint64_t start = host_tasks.now;
		unsigned int cancelled = 0;

		cleaned_up = 0;
		for (int i = 0; i < SLEEPERS; i++) {
			struct task *task;

			ended[i] = 0;
			due[i] = start + dice_below(&dice, 200);
			task = spawn(punctual, .deadline = due[i], .ended = &ended[i]);
			if (due[i] < host_tasks.now)
				due[i] = host_tasks.now;
			host_tasks_pass(dice_below(&dice, 3));
			if (dice_below(&dice, 4) == 0)
				cancelled += task_cancel(task, task_generation(task));
		}
		host_tasks_pass(200);
		assert_int_equal(cleaned_up, SLEEPERS);
		assert_int_equal(host_tasks.event_at, UINT64_MAX);
		for (int i = 0; i < SLEEPERS; i++) {
			if (ended[i] == 0)
				cancelled--;
			else
				assert_int_equal(ended[i], due[i]);
		}
		assert_int_equal(cancelled, 0);
	}
}

static void block_on_runs_the_others(void **state)
{
	struct sleep sleep;

	(void)state;
	spawn(sleeper, .ns = MS);
	spawn(sleeper, .ns = 2 * MS);
	spawn(sleeper, .ns = 4 * MS);
	assert_int_equal(block_on(sleep_for(&sleep, 3 * MS)), 0);
	assert_string_equal(said, "zz");
	assert_int_equal(executor_here()->halts, 3);
}

/* ---- channel ---- */

static CHANNEL(pipe, 4);

struct sender {
	struct future future;
	struct channel_send send;
	char c, last;
};

ASYNC(sender)
{
	ASYNC_BEGIN;
	for (; me->c <= me->last; me->c++)
		await(channel_send(&me->send, &pipe, (uint64_t)me->c));
	ASYNC_FINALLY;
	ASYNC_END;
}

struct receiver {
	struct future future;
	struct channel_recv recv;
};

ASYNC(receiver)
{
	ASYNC_BEGIN;
	for (;;) {
		char c;

		await_into(c, channel_recv(&me->recv, &pipe));
		say(c);
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void channel_keeps_order_and_waits_for_room(void **state)
{
	struct task *task;

	(void)state;
	spawn(sender, .c = 'a', .last = 'j');
	host_tasks_run();
	assert_false(channel_try_send(&pipe, 'x'));
	task = spawn(receiver);
	host_tasks_run();
	assert_string_equal(said, "abcdefghij");
	assert_true(channel_try_send(&pipe, 'k'));
	host_tasks_run();
	assert_string_equal(said, "abcdefghijk");
	task_cancel(task, task_generation(task));
	host_tasks_run();
}

static void channel_look_takes_nothing(void **state)
{
	uint64_t item;

	(void)state;
	for (unsigned int round = 0; round < 6; round++) { /* wherever in its ring it begins */
		assert_false(channel_look(&pipe, 0, &item));
		for (uint64_t i = 0; i < 3; i++)
			assert_true(channel_try_send(&pipe, 10 * round + i));
		for (uint32_t i = 0; i < 3; i++) {
			assert_true(channel_look(&pipe, i, &item));
			assert_int_equal(item, 10 * round + i);
		}
		assert_false(channel_look(&pipe, 3, &item));
		for (uint64_t i = 0; i < 3; i++) {
			assert_true(channel_try_recv(&pipe, &item));
			assert_int_equal(item, 10 * round + i);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(echo_what_comes, start),
	        cmocka_unit_test_setup(stream_counts_what_it_drops, start),
	        cmocka_unit_test_setup(wake_twice_is_once, start),
	        cmocka_unit_test_setup(cancel_before_the_first_poll, start),
	        cmocka_unit_test_setup(cancel_while_it_waits, start),
	        cmocka_unit_test_setup(cancel_while_it_is_queued, start),
	        cmocka_unit_test_setup(an_old_generation_cancels_nobody, start),
	        cmocka_unit_test_setup(a_late_wake_finds_nobody, start),
	        cmocka_unit_test_setup(a_late_wake_finds_the_next_tenant, start),
	        cmocka_unit_test_setup(join_one_that_is_over, start),
	        cmocka_unit_test_setup(a_handle_dropped_frees_the_slot, start),
	        cmocka_unit_test_setup(a_handle_given_back_twice, start),
	        cmocka_unit_test_setup(a_thousand_tasks_come_from_the_heap, start),
	        cmocka_unit_test_setup(without_memory_there_is_no_task, start),
	        cmocka_unit_test_setup(the_biggest_frame, start),
	        cmocka_unit_test_setup(sleep_takes_its_time, start),
	        cmocka_unit_test_setup(sleep_ends_at_once_or_never, start),
	        cmocka_unit_test_setup(a_sleep_dropped_does_not_fire, start),
	        cmocka_unit_test_setup(cancelled_when_it_just_woke, start),
	        cmocka_unit_test_setup(sleepers_at_random, start),
	        cmocka_unit_test_setup(block_on_runs_the_others, start),
	        cmocka_unit_test_setup(channel_keeps_order_and_waits_for_room, start),
	        cmocka_unit_test_setup(channel_look_takes_nothing, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
