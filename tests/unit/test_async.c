/*
 * What tasks wait for: one of several things, all of them, no longer than so long, permits and locks; who has had
 * enough for now; who waits for whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "abi/errno.h"
#include "core/monitor_command.h"
#include "host_task.h"
#include "task/channel.h"
#include "task/join.h"
#include "task/mutex.h"
#include "task/select.h"
#include "task/stream.h"
#include "task/timeout.h"
#include "task/wait_graph.h"
#include "task/yield.h"

#include "../../kernel/task/tasks_command.c" /* its table is the linker's */

#define MS 1000000ull

static STREAM(keys, 8);
static char said[1000];
static unsigned int cleaned_up;

static int start(void **state)
{
	(void)state;
	host_tasks_start();
	keys.pushed = keys.taken = 0;
	keys.dropped = 0;
	keys.reader.waker = NULL;
	said[0] = '\0';
	cleaned_up = 0;
	return 0;
}

static void say(const char *text)
{
	strcat(said, text);
}

static void cancel(struct task *task)
{
	assert_true(task_cancel(task, task_generation(task)));
	host_tasks_run();
}

/* ---- a connection that is served, with a stream as its other side ---- */

struct receive {
	struct future future;
	struct next next;
	char *buffer;
};

ASYNC(receive)
{
	ASYNC_BEGIN;
	await_into(me->buffer[0], stream_next(&me->next, &keys));
	async_return(me->buffer[0] != 'q');
	ASYNC_FINALLY;
	ASYNC_END;
}

struct serve {
	struct future future;
	char *buffer;
	struct receive receive;
	struct timeout timeout;
};

ASYNC(serve)
{
	ASYNC_BEGIN;
	me->buffer = malloc(2);
	if (me->buffer == NULL)
		async_return(-ENOMEM);
	me->buffer[1] = '\0';
	for (;;) {
		long n;

		await_into(n, timeout(&me->timeout, call(&me->receive, receive, .buffer = me->buffer), 30 * MS));
		if (n <= 0)
			async_return(n);
		say(me->buffer);
	}
	ASYNC_FINALLY;
	free(me->buffer);
	cleaned_up++;
	ASYNC_END;
}

static void a_connection_that_is_closed(void **state)
{
	struct task *task = spawn_handle(serve);
	struct task_join join;

	(void)state;
	host_tasks_run();
	stream_push(&keys, 'a');
	stream_push(&keys, 'b');
	stream_push(&keys, 'q');
	assert_int_equal(block_on(task_join(&join, task)), 0);
	assert_string_equal(said, "ab");
	assert_int_equal(cleaned_up, 1);
}

static void a_connection_that_is_silent(void **state)
{
	struct task *task = spawn_handle(serve);
	struct task_join join;

	(void)state;
	host_tasks_pass(20 * MS);
	stream_push(&keys, 'a');
	host_tasks_pass(30 * MS - 1);
	assert_int_equal(cleaned_up, 0);
	host_tasks_pass(1);
	assert_int_equal(cleaned_up, 1);
	assert_int_equal(block_on(task_join(&join, task)), -ETIMEDOUT);
	assert_null(keys.reader.waker); /* it waits for no key any more */
}

static void a_connection_that_is_cancelled(void **state)
{
	struct task *first = spawn(serve), *second;

	(void)state;
	cancel(first); /* before it has allocated */
	assert_int_equal(cleaned_up, 1);
	second = spawn(serve);
	host_tasks_run();
	cancel(second);
	assert_int_equal(cleaned_up, 2);
	assert_null(keys.reader.waker);
	assert_int_not_equal(host_tasks.event_at, UINT64_MAX); /* armed, for nobody */
	host_tasks_pass(60 * MS);
	assert_int_equal(cleaned_up, 2);
}

/* ---- select ---- */

struct key_or_tick {
	struct future future;
	struct select select;
	struct next key;
	struct sleep tick;
};

ASYNC(key_or_tick)
{
	ASYNC_BEGIN;
	for (;;) {
		int arm;

		await_into(arm, select_of(&me->select, stream_next(&me->key, &keys), sleep_for(&me->tick, MS)));
		if (arm == 0)
			say((char[]){(char)me->key.future.ret, '\0'});
		else
			say(".");
	}
	ASYNC_FINALLY;
	cleaned_up++;
	ASYNC_END;
}

/* Each time one arm wins the other is dropped, and no key gets lost with it. */
static void select_loses_nothing(void **state)
{
	struct task *task = spawn(key_or_tick);

	(void)state;
	host_tasks_pass(MS);
	stream_push(&keys, 'a');
	host_tasks_run();
	host_tasks_pass(MS - 1);
	stream_push(&keys, 'b');
	stream_push(&keys, 'c');
	host_tasks_pass(1);
	host_tasks_pass(2 * MS);
	assert_string_equal(said, ".abc..");
	cancel(task);
	assert_int_equal(cleaned_up, 1);
	assert_null(keys.reader.waker);
}

struct two_keys {
	struct future future;
	struct select select;
	struct channel_recv first, second;
	struct channel *one, *other;
};

ASYNC(two_keys)
{
	int arm;

	ASYNC_BEGIN;
	await_into(
	        arm, select_of(&me->select, channel_recv(&me->first, me->one), channel_recv(&me->second, me->other)));
	async_return(arm);
	ASYNC_FINALLY;
	ASYNC_END;
}

static CHANNEL(channel_1, 2);
static CHANNEL(channel_2, 2);

static void select_takes_from_one_only(void **state)
{
	struct task *task = spawn_handle(two_keys, .one = &channel_1, .other = &channel_2);
	struct task_join join;
	uint64_t item;

	(void)state;
	host_tasks_run();
	channel_try_send(&channel_2, 2);
	channel_try_send(&channel_1, 1);
	assert_int_equal(block_on(task_join(&join, task)), 0);
	assert_false(channel_try_recv(&channel_1, &item));
	assert_true(channel_try_recv(&channel_2, &item)); /* was handed to the loser, and came back */
	assert_int_equal(item, 2);
}

/* ---- join ---- */

struct three_sleeps {
	struct future future;
	struct join join;
	struct sleep a, b, c;
};

ASYNC(three_sleeps)
{
	ASYNC_BEGIN;
	await(join_of(&me->join, sleep_for(&me->a, 3 * MS), sleep_for(&me->b, MS), sleep_for(&me->c, 2 * MS)));
	say("done");
	ASYNC_FINALLY;
	cleaned_up++;
	ASYNC_END;
}

static void join_waits_for_all(void **state)
{
	struct task *task = spawn(three_sleeps);
	struct three_sleeps *frame;

	(void)state;
	host_tasks_pass(3 * MS - 1);
	assert_string_equal(said, "");
	host_tasks_pass(1);
	assert_string_equal(said, "done");
	assert_int_equal(cleaned_up, 1);
	task = spawn(three_sleeps);
	frame = (void *)(task + 1);
	host_tasks_pass(2 * MS);
	assert_true(timer_is_pending(&frame->a.timer));
	cancel(task);
	assert_false(timer_is_pending(&frame->a.timer));
	host_tasks_pass(2 * MS);
	assert_string_equal(said, "done");
}

/* ---- a stream, and what comes at the worst moment ---- */

static int64_t in_between = -1; /* is pushed at the next place where others may come in between; -1: nothing */

void chaos(void)
{
	int64_t item = in_between;

	in_between = -1;
	if (item >= 0)
		stream_push(&keys, (uint64_t)item);
}

/* It looked, there was nothing, and before its waker is left there is something, of which nobody is told. */
static void an_item_before_the_waker_is_left(void **state)
{
	struct waker waker = {.home = &executor_here()->queue};
	struct next next;

	(void)state;
	in_between = 'a';
	assert_int_equal(future_poll(stream_next(&next, &keys), &waker), READY);
	assert_int_equal(next.future.ret, 'a');
	assert_int_equal(waker.state & WAKER_QUEUED, 0);
}

/* ---- timeout ---- */

static void timeout_with_both_at_once(void **state)
{
	struct timeout limit;
	struct sleep sleep;
	struct next next;

	(void)state;
	assert_int_equal(block_on(timeout(&limit, sleep_for(&sleep, MS), MS)), 0);
	assert_int_equal(block_on(timeout(&limit, sleep_for(&sleep, MS + 1), MS)), -ETIMEDOUT);
	stream_push(&keys, 'a');
	assert_int_equal(block_on(timeout(&limit, stream_next(&next, &keys), 0)), 'a');
	assert_int_equal(block_on(timeout(&limit, stream_next(&next, &keys), 0)), -ETIMEDOUT);
}

/* ---- semaphore ---- */

static struct semaphore seats = SEMAPHORE("seats", 2);

struct guest {
	struct future future;
	const char *name;
	struct semaphore_acquire acquire;
	struct sleep meal;
	uint64_t ns;
	bool is_seated;
};

ASYNC(guest)
{
	ASYNC_BEGIN;
	await(semaphore_acquire(&me->acquire, &seats));
	me->is_seated = true;
	say(me->name);
	await(sleep_for(&me->meal, me->ns));
	ASYNC_FINALLY;
	if (me->is_seated)
		semaphore_release(&seats);
	ASYNC_END;
}

static void permits_go_round_in_order(void **state)
{
	(void)state;
	for (const char *const *name = (const char *const[]){"a", "b", "c", "d", "e", NULL}; *name != NULL; name++)
		spawn(guest, .name = *name, .ns = MS);
	host_tasks_run();
	assert_string_equal(said, "ab");
	host_tasks_pass(MS);
	assert_string_equal(said, "abcd");
	host_tasks_pass(2 * MS);
	assert_string_equal(said, "abcde");
	assert_int_equal(seats.permits, 2);
	assert_null(seats.waiting.first);
	assert_null(seats.waiting.latest);
}

static void cancel_while_waiting_for_a_permit(void **state)
{
	struct task *tasks[5];

	(void)state;
	for (int i = 0; i < 5; i++)
		tasks[i] = spawn(guest, .name = (const char *const[]){"a", "b", "c", "d", "e"}[i], .ns = MS);
	host_tasks_run();
	cancel(tasks[2]);
	cancel(tasks[4]);
	cancel(tasks[3]);
	host_tasks_pass(MS);
	assert_string_equal(said, "ab");
	assert_int_equal(seats.permits, 2);
}

/* The permit has been handed over, but the one who gets it never sees it: the next does. */
static void a_permit_granted_to_a_cancelled_task_goes_on(void **state)
{
	struct task *tasks[4];

	(void)state;
	assert_true(semaphore_try_acquire(&seats));
	assert_true(semaphore_try_acquire(&seats));
	assert_false(semaphore_try_acquire(&seats));
	for (int i = 0; i < 2; i++)
		tasks[i] = spawn(guest, .name = (const char *const[]){"a", "b"}[i], .ns = MS);
	host_tasks_run();
	semaphore_release(&seats);
	task_cancel(tasks[0], task_generation(tasks[0]));
	host_tasks_run();
	assert_string_equal(said, "b");
	cancel(tasks[1]);
	semaphore_release(&seats);
	assert_int_equal(seats.permits, 2);
}

/* ---- budget ---- */

struct hog {
	struct future future;
	struct channel_send send;
	struct channel_recv recv;
	unsigned int rounds;
};

static CHANNEL(trough, 2);

ASYNC(hog)
{
	ASYNC_BEGIN;
	for (;;) {
		await(channel_send(&me->send, &trough, 1));
		await(channel_recv(&me->recv, &trough));
		me->rounds++;
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

struct polite {
	struct future future;
	struct yield yield;
	unsigned int rounds;
};

ASYNC(polite)
{
	ASYNC_BEGIN;
	for (;;) {
		await(yield_now(&me->yield));
		me->rounds++;
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

/* Who is never kept waiting still lets others run. */
static void nobody_starves(void **state)
{
	struct task *greedy = spawn(hog), *other = spawn(polite);
	struct hog *hog = (void *)(greedy + 1);
	struct polite *polite = (void *)(other + 1);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(executor_run_ready(executor_here()), 2);
	assert_int_equal(polite->rounds, 999);
	assert_int_equal(hog->rounds, 1000 * TASK_BUDGET / 2);
	task_cancel(other, task_generation(other));
	cancel(greedy);
	assert_int_equal(trough.room.permits, 2);
}

/* ---- polls for nothing ---- */

static void polls_for_nothing_change_nothing(void **state)
{
	struct task *tasks[] = {spawn(serve), spawn(three_sleeps), spawn(guest, .name = "g", .ns = MS),
	        spawn(guest, .name = "g", .ns = MS), spawn(guest, .name = "h", .ns = MS), spawn(polite)};

	(void)state;
	for (int i = 0; i < 100; i++) {
		for (unsigned int t = 0; t < 6; t++)
			wake(&tasks[t]->waker);
		executor_run_ready(executor_here());
	}
	assert_string_equal(said, "gg");
	cancel(tasks[5]);
	stream_push(&keys, 'k');
	host_tasks_pass(3 * MS);
	assert_string_equal(said, "ggkhdone");
	cancel(tasks[0]);
}

/* ---- misuse ---- */

static void a_frame_used_twice(void **state)
{
	static struct sleep sleep;

	(void)state;
	assert_int_equal(future_poll(sleep_for(&sleep, MS), &thread_current()->waker), PENDING);
	assert_true(HOST_PANICS((void)sleep_for(&sleep, MS)));
	assert_non_null(strstr(host_tasks.panic_text, "sleep"));
	future_drop(&sleep.future);
	(void)sleep_for(&sleep, MS);
}

static void a_frame_overwritten(void **state)
{
	struct task *task = spawn(serve);

	(void)state;
	host_tasks_run();
	task_future(task)->line++;
	wake(&task->waker);
	assert_true(HOST_PANICS(host_tasks_run()));
	assert_non_null(strstr(host_tasks.panic_text, "serve"));
	executor_here()->current = NULL;
	task_future(task)->line--;
}

static void a_mutex_of_somebody_else(void **state)
{
	static struct mutex mutex = MUTEX("bath");

	(void)state;
	assert_true(HOST_PANICS(mutex_unlock(&mutex)));
	assert_non_null(strstr(host_tasks.panic_text, "bath"));
}

/* ---- mutexes, and who waits for whom ---- */

static struct mutex left = MUTEX("left"), right = MUTEX("right");

struct philosopher {
	struct future future;
	struct mutex_lock lock;
	struct yield yield;
	struct mutex *first, *second;
	struct timeout timeout;
	uint64_t patience;   /* 0: no end of it */
	unsigned int pauses; /* between the two, besides one */
};

static void unlock_mine(struct mutex *mutex)
{
	if (mutex_is_mine(mutex))
		mutex_unlock(mutex);
}

ASYNC(philosopher)
{
	ASYNC_BEGIN;
	await(mutex_lock(&me->lock, me->first));
	do {
		await(yield_now(&me->yield));
	} while (me->pauses-- > 0);
	if (me->patience != 0)
		await(timeout(&me->timeout, mutex_lock(&me->lock, me->second), me->patience));
	else
		await(mutex_lock(&me->lock, me->second));
	say("eats ");
	ASYNC_FINALLY;
	unlock_mine(me->first);
	unlock_mine(me->second);
	ASYNC_END;
}

static char printed[4000];

void command_print(struct command_output *output, const char *format, ...)
{
	size_t length = strlen(printed);
	va_list args;

	(void)output;
	va_start(args, format);
	vsnprintf(printed + length, sizeof(printed) - length, format, args);
	va_end(args);
}

int command_refuse(struct command_output *output, const char *name)
{
	(void)output;
	assert_string_equal(name, "tasks");
	return -EINVAL;
}

static const char *tasks_command(void)
{
	char name[] = "tasks";

	printed[0] = '\0';
	assert_int_equal(monitor_command_tasks.run(NULL, 1, (char *[]){name, NULL}), 0);
	return printed;
}

static unsigned int count_of(const char *text, const char *part)
{
	unsigned int count = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		count++;
	return count;
}

static void in_one_order_all_eat(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		spawn(philosopher, .first = &left, .second = &right);
	host_tasks_run();
	assert_string_equal(said, "eats eats eats ");
	assert_string_equal(host_tasks.log, "");
	assert_null(left.free.holder);
}

static void a_deadlock_is_told(void **state)
{
	struct task *a = spawn(philosopher, .first = &left, .second = &right);
	struct task *b = spawn(philosopher, .first = &right, .second = &left);
	struct task *circle[WAIT_CIRCLE_MAX];

	(void)state;
	host_tasks_run();
	assert_string_equal(said, "");
	assert_int_equal(count_of(host_tasks.log, "Deadlock: 2 tasks"), 1);
	assert_int_equal(count_of(host_tasks.log, "waits for mutex right of philosopher"), 1);
	assert_int_equal(count_of(host_tasks.log, "waits for mutex left of philosopher"), 1);
	assert_int_equal(count_of(host_tasks.log, "test_async.c:"), 2);
	assert_int_equal(wait_graph_find_circle(a, circle), 2);
	assert_ptr_equal(circle[1], b);
	assert_int_equal(count_of(tasks_command(), "Deadlock:"), 1);
	assert_int_equal(count_of(printed, "mutex left of philosopher"), 1);
	cancel(a);
	assert_string_equal(said, "eats ");
	assert_int_equal(count_of(tasks_command(), "Deadlock:"), 0);
}

static void who_will_give_up_is_not_in_a_deadlock(void **state)
{
	(void)state;
	spawn(philosopher, .first = &left, .second = &right, .patience = MS);
	spawn(philosopher, .first = &right, .second = &left);
	host_tasks_run();
	assert_string_equal(host_tasks.log, "");
	assert_int_equal(count_of(tasks_command(), "mutex right of philosopher or time"), 1);
	host_tasks_pass(MS);
	assert_string_equal(said, "eats eats ");
}

struct twice {
	struct future future;
	struct mutex_lock lock;
};

ASYNC(twice)
{
	ASYNC_BEGIN;
	await(mutex_lock(&me->lock, &left));
	await(mutex_lock(&me->lock, &left));
	ASYNC_FINALLY;
	unlock_mine(&left);
	ASYNC_END;
}

static void who_locks_twice_waits_for_itself(void **state)
{
	(void)state;
	spawn(twice);
	host_tasks_run();
	assert_int_equal(count_of(host_tasks.log, "Deadlock: 1 task "), 1);
}

/* A parent that joins its child while it holds what the child wants: whichever edge comes last. */
struct child {
	struct future future;
	struct yield yield;
	struct mutex_lock lock;
	bool is_slow;
};

ASYNC(child)
{
	ASYNC_BEGIN;
	if (me->is_slow)
		await(yield_now(&me->yield));
	await(mutex_lock(&me->lock, &left));
	ASYNC_FINALLY;
	unlock_mine(&left);
	ASYNC_END;
}

struct parent {
	struct future future;
	struct task *child;
	struct mutex_lock lock, other;
	struct join both;
	struct yield yield;
	struct task_join join;
	bool is_slow, child_is_slow;
};

ASYNC(parent)
{
	ASYNC_BEGIN;
	await(join_of(&me->both, mutex_lock(&me->lock, &left), mutex_lock(&me->other, &right)));
	me->child = spawn_handle(child, .is_slow = me->child_is_slow);
	if (me->is_slow)
		await(yield_now(&me->yield));
	await(task_join(&me->join, me->child));
	me->child = NULL;
	ASYNC_FINALLY;
	if (me->child != NULL) {
		task_cancel(me->child, task_generation(me->child));
		task_drop_handle(me->child);
	}
	unlock_mine(&left);
	unlock_mine(&right);
	ASYNC_END;
}

static void a_deadlock_through_a_join(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct task *task = spawn(parent, .is_slow = i == 0, .child_is_slow = i == 1);

		host_tasks.log[0] = '\0';
		host_tasks_run();
		assert_int_equal(count_of(host_tasks.log, "Deadlock: 2 tasks"), 1);
		assert_int_equal(count_of(host_tasks.log, "waits for task child of child"), 1);
		cancel(task);
		assert_null(left.free.holder);
	}
}

/* Two locks at once, of which one is got: who waits for that one waits for somebody new. */
struct both {
	struct future future;
	struct join join;
	struct mutex_lock one, other;
};

ASYNC(both)
{
	ASYNC_BEGIN;
	await(join_of(&me->join, mutex_lock(&me->one, &left), mutex_lock(&me->other, &right)));
	say("both ");
	ASYNC_FINALLY;
	unlock_mine(&left);
	unlock_mine(&right);
	ASYNC_END;
}

static void a_deadlock_by_a_change_of_owner(void **state)
{
	struct mutex_lock lock;
	struct task *task;

	(void)state;
	assert_int_equal(block_on(mutex_lock(&lock, &left)), 0);
	task = spawn(philosopher, .first = &right, .second = &left, .pauses = 1);
	assert_int_equal(executor_run_ready(executor_here()), 1);
	spawn(both);
	host_tasks_run(); /* `both` waits for left and for right, the philosopher for left: all wait for us */
	assert_string_equal(host_tasks.log, "");
	mutex_unlock(&left);
	host_tasks_run();
	assert_int_equal(count_of(host_tasks.log, "Deadlock: 2 tasks"), 1);
	cancel(task);
	assert_string_equal(said, "both ");
}

/* Waits for two, having locked a third. */
struct third {
	struct future future;
	struct both both;
	struct mutex_lock lock;
	struct mutex *mutex;
};

ASYNC(third)
{
	ASYNC_BEGIN;
	await(mutex_lock(&me->lock, me->mutex));
	await(call(&me->both, both));
	ASYNC_FINALLY;
	unlock_mine(me->mutex);
	ASYNC_END;
}

/* Who is waited for, but waits for nobody of the circle, is not part of it. */
static void who_stands_beside_a_circle_is_not_told(void **state)
{
	static struct mutex table = MUTEX("table"), outside = MUTEX("outside");
	struct task *beside, *other;
	struct mutex_lock lock;

	(void)state;
	assert_int_equal(block_on(mutex_lock(&lock, &outside)), 0);
	beside = spawn(philosopher, .first = &left, .second = &outside);
	spawn(philosopher, .first = &right, .second = &table);
	other = spawn(third, .mutex = &table);
	host_tasks_run();
	assert_int_equal(count_of(host_tasks.log, "Deadlock: 2 tasks"), 1);
	assert_int_equal(count_of(host_tasks.log, "mutex outside"), 0);
	cancel(other);
	cancel(beside);
	mutex_unlock(&outside);
}

/* ---- who has had enough ---- */

struct greedy {
	struct future future;
	struct mutex_lock lock;
	unsigned int rounds;
};

ASYNC(greedy)
{
	ASYNC_BEGIN;
	for (me->rounds = 0; me->rounds < 2 * TASK_BUDGET; me->rounds++) {
		await(mutex_lock(&me->lock, &left));
		mutex_unlock(&left);
	}
	say("through ");
	ASYNC_FINALLY;
	ASYNC_END;
}

/* The budget ends where nobody waits for anything yet. */
static void a_mutex_is_wanted_when_the_budget_is_spent(void **state)
{
	(void)state;
	spawn(greedy);
	host_tasks_run();
	assert_string_equal(said, "through ");
	assert_int_equal(left.free.permits, 1);
}

/* ---- tasks, slow polls ---- */

struct slow {
	struct future future;
	struct yield yield;
	unsigned int rounds;
};

ASYNC(slow)
{
	ASYNC_BEGIN;
	for (; me->rounds > 0; me->rounds--) {
		host_cpu.tsc += 2 * MS;
		await(yield_now(&me->yield));
	}
	host_cpu.tsc += MS; /* long enough to be fast */
	ASYNC_FINALLY;
	ASYNC_END;
}

static void slow_polls_are_told_once(void **state)
{
	struct task *task;

	(void)state;
	spawn(polite);
	spawn(slow, .rounds = 3);
	task = spawn_handle(slow, .rounds = 3);
	for (int i = 0; i < 10; i++)
		executor_run_ready(executor_here());
	assert_int_equal(count_of(host_tasks.log, "Task "), 1);
	assert_int_equal(
	        count_of(host_tasks.log, "Task slow ran 2000 us without a pause, up to tests/unit/test_async.c:"), 1);
	assert_int_equal(task->ticks, 7 * MS);
	task_drop_handle(task);
}

static void tasks_shows_them_all(void **state)
{
	char name[] = "tasks", more[] = "x";

	(void)state;
	spawn(serve);
	spawn(three_sleeps);
	spawn_handle(slow);
	host_tasks_run();
	spawn(polite);
	tasks_command();
	assert_int_equal(count_of(printed, "\n"), 6);
	assert_int_equal(count_of(printed, "serve          waits"), 1);
	assert_int_equal(count_of(printed, " stream keys or time\n"), 1);
	assert_int_equal(count_of(printed, "  receive:"), 1);
	assert_int_equal(count_of(printed, "time and time and time\n"), 1);
	assert_int_equal(count_of(printed, "slow           over "), 1);
	assert_int_equal(count_of(printed, "polite         ready"), 1);
	assert_int_equal(count_of(printed, "4 tasks in 16 slots"), 1);
	assert_int_equal(monitor_command_tasks.run(NULL, 2, (char *[]){name, more, NULL}), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(a_connection_that_is_closed, start),
	        cmocka_unit_test_setup(a_connection_that_is_silent, start),
	        cmocka_unit_test_setup(a_connection_that_is_cancelled, start),
	        cmocka_unit_test_setup(select_loses_nothing, start),
	        cmocka_unit_test_setup(select_takes_from_one_only, start),
	        cmocka_unit_test_setup(join_waits_for_all, start),
	        cmocka_unit_test_setup(an_item_before_the_waker_is_left, start),
	        cmocka_unit_test_setup(timeout_with_both_at_once, start),
	        cmocka_unit_test_setup(permits_go_round_in_order, start),
	        cmocka_unit_test_setup(cancel_while_waiting_for_a_permit, start),
	        cmocka_unit_test_setup(a_permit_granted_to_a_cancelled_task_goes_on, start),
	        cmocka_unit_test_setup(nobody_starves, start),
	        cmocka_unit_test_setup(polls_for_nothing_change_nothing, start),
	        cmocka_unit_test_setup(a_frame_used_twice, start),
	        cmocka_unit_test_setup(a_frame_overwritten, start),
	        cmocka_unit_test_setup(a_mutex_of_somebody_else, start),
	        cmocka_unit_test_setup(in_one_order_all_eat, start),
	        cmocka_unit_test_setup(a_deadlock_is_told, start),
	        cmocka_unit_test_setup(who_will_give_up_is_not_in_a_deadlock, start),
	        cmocka_unit_test_setup(who_locks_twice_waits_for_itself, start),
	        cmocka_unit_test_setup(a_deadlock_through_a_join, start),
	        cmocka_unit_test_setup(a_deadlock_by_a_change_of_owner, start),
	        cmocka_unit_test_setup(who_stands_beside_a_circle_is_not_told, start),
	        cmocka_unit_test_setup(a_mutex_is_wanted_when_the_budget_is_spent, start),
	        cmocka_unit_test_setup(slow_polls_are_told_once, start),
	        cmocka_unit_test_setup(tasks_shows_them_all, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
