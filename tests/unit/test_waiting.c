/*
 * What tasks wait for besides permits and mutexes: conditions, reading and writing, and what is made once. Who waits
 * may be dropped at any moment; and nobody waits where nobody may sleep.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "abi/errno.h"
#include "host_task.h"
#include "task/condition.h"
#include "task/once.h"
#include "task/rwlock.h"
#include "task/sleep.h"
#include "task/timeout.h"
#include "task/yield.h"

#define MS 1000000ull

static char said[200];

static struct mutex table;
static struct condition served;
static struct rwlock names, numbers;
static struct once cache;

static int start(void **state)
{
	(void)state;
	host_tasks_start();
	said[0] = '\0';
	mutex_start(&table, "table");
	condition_start(&served, "served");
	rwlock_start(&names, "names");
	rwlock_start(&numbers, "numbers");
	cache = (struct once)ONCE("cache");
	return 0;
}

static void say(const char *text)
{
	strcat(said, text);
}

/* Without letting others run: the task is dropped before it is polled again. */
static void cancel(struct task *task)
{
	assert_true(task_cancel(task, task_generation(task)));
}

static void expect_said(const char *text)
{
	host_tasks_run();
	assert_string_equal(said, text);
	said[0] = '\0';
}

/* ---- conditions ---- */

struct guest {
	struct future future;
	const char *name;
	uint64_t patience; /* ns; 0: for ever */
	struct mutex_lock lock;
	struct condition_wait wait;
	struct timeout timeout;
	struct yield yield;
};

ASYNC(guest)
{
	intptr_t result;

	ASYNC_BEGIN;
	await(mutex_lock(&me->lock, &table));
	if (me->patience != 0)
		await_into(result, timeout(&me->timeout, condition_wait(&me->wait, &served, &table), me->patience));
	else
		await_into(result, condition_wait(&me->wait, &served, &table));
	assert_int_equal(mutex_is_mine(&table), result == 0);
	say(result == 0 ? me->name : "late ");
	if (result == 0)
		await(yield_now(&me->yield)); /* with the mutex: the others who are woken find it taken */
	ASYNC_FINALLY;
	if (mutex_is_mine(&table))
		mutex_unlock(&table);
	ASYNC_END;
}

static struct task *new_guest(const char *name)
{
	struct task *task = spawn(guest, .name = name);

	host_tasks_run();
	return task;
}

static void expect_all_gone(void)
{
	assert_null(served.waiting.first);
	assert_null(served.waiting.latest);
	assert_null(table.free.holder);
	assert_int_equal(table.free.permits, 1);
}

static void a_signal_wakes_the_one_who_waits_longest(void **state)
{
	(void)state;
	assert_false(condition_signal(&served));
	new_guest("a ");
	new_guest("b ");
	expect_said(""); /* the signal from before them was nobody's */
	assert_true(condition_signal(&served));
	expect_said("a ");
	assert_true(condition_signal(&served));
	expect_said("b ");
	assert_false(condition_signal(&served));
	expect_all_gone();
}

static void a_broadcast_wakes_all_who_wait(void **state)
{
	(void)state;
	new_guest("a ");
	new_guest("b ");
	new_guest("c ");
	condition_broadcast(&served);
	condition_broadcast(&served);
	expect_said("a b c ");
	expect_all_gone();
}

/* The signaller holds the mutex: who is woken waits for that, and then has it. */
static void who_is_woken_waits_for_the_mutex(void **state)
{
	struct mutex_lock lock;

	(void)state;
	new_guest("a ");
	assert_int_equal(block_on(mutex_lock(&lock, &table)), 0);
	condition_signal(&served);
	expect_said("");
	mutex_unlock(&table);
	expect_said("a ");
	expect_all_gone();
}

static void who_loses_patience_has_no_mutex(void **state)
{
	(void)state;
	spawn(guest, .name = "a ", .patience = 5 * MS);
	spawn(guest, .name = "b ", .patience = 500 * MS);
	host_tasks_pass(10 * MS);
	expect_said("late ");
	assert_true(condition_signal(&served));
	expect_said("b ");
	expect_all_gone();
}

static void who_is_dropped_leaves_the_list(void **state)
{
	struct task *first = new_guest("a "), *second = new_guest("b ");

	(void)state;
	new_guest("c ");
	cancel(second);
	host_tasks_run();
	cancel(first);
	host_tasks_run();
	assert_true(condition_signal(&served));
	expect_said("c ");
	expect_all_gone();
}

/* It has come, but was not seen yet. */
static void a_signal_for_one_who_is_dropped_goes_on(void **state)
{
	struct task *first = new_guest("a ");

	(void)state;
	new_guest("b ");
	assert_true(condition_signal(&served));
	cancel(first);
	expect_said("b ");
	expect_all_gone();
}

/* It was seen, and the mutex waited for; the mutex goes on, too. */
static void a_signal_for_one_who_is_dropped_at_the_mutex_goes_on(void **state)
{
	struct mutex_lock lock;

	(void)state;
	for (unsigned int granted = 0; granted < 2; granted++) {
		struct task *first = new_guest("a ");

		new_guest("b ");
		assert_int_equal(block_on(mutex_lock(&lock, &table)), 0);
		assert_true(condition_signal(&served));
		expect_said("");
		if (granted) {
			mutex_unlock(&table);
			cancel(first);
		} else {
			cancel(first);
			host_tasks_run();
			mutex_unlock(&table);
		}
		expect_said("b ");
		expect_all_gone();
	}
}

/* Those who wait stay in the list, and the mutex is free as after any other end. */
static void a_wait_that_is_dropped_before_it_began(void **state)
{
	struct mutex_lock lock;
	struct condition_wait wait;

	(void)state;
	new_guest("a ");
	assert_int_equal(block_on(mutex_lock(&lock, &table)), 0);
	future_drop(condition_wait(&wait, &served, &table));
	assert_true(condition_signal(&served));
	expect_said("a ");
	expect_all_gone();
}

static void a_wait_needs_the_mutex(void **state)
{
	struct condition_wait wait;

	(void)state;
	assert_true(HOST_PANICS(block_on(condition_wait(&wait, &served, &table))));
	assert_non_null(strstr(host_tasks.panic_text, "table"));
}

/* ---- reading and writing ---- */

struct visitor {
	struct future future;
	const char *name;
	bool writes, is_inside;
	struct rwlock *then; /* wanted next, for writing; may be NULL */
	struct rwlock_enter enter, other;
	struct sleep sleep;
};

ASYNC(visitor)
{
	ASYNC_BEGIN;
	await(me->writes ? rwlock_write(&me->enter, &names) : rwlock_read(&me->enter, &names));
	me->is_inside = true;
	assert_int_equal(rwlock_is_mine(&names), me->writes);
	say(me->name);
	if (me->then != NULL)
		await(rwlock_write(&me->other, me->then));
	await(sleep_for(&me->sleep, MS));
	ASYNC_FINALLY;
	if (me->is_inside)
		rwlock_unlock(&names);
	if (me->then != NULL && rwlock_is_mine(me->then))
		rwlock_unlock(me->then);
	ASYNC_END;
}

static struct task *new_visitor(const char *name, bool writes)
{
	struct task *task = spawn(visitor, .name = name, .writes = writes);

	host_tasks_run();
	return task;
}

static void expect_empty(const struct rwlock *rwlock)
{
	assert_null(rwlock->waiting.first);
	assert_null(rwlock->waiting.latest);
	assert_null(rwlock->writer);
	assert_int_equal(rwlock->readers, 0);
}

/* Who comes after a writer that waits is behind it, though it could read with those who read now. */
static void readers_together_and_writers_alone(void **state)
{
	(void)state;
	new_visitor("r1 ", false);
	new_visitor("r2 ", false);
	new_visitor("w1 ", true);
	new_visitor("r3 ", false);
	new_visitor("r4 ", false);
	new_visitor("w2 ", true);
	new_visitor("w3 ", true);
	expect_said("r1 r2 ");
	host_tasks_pass(MS);
	expect_said("w1 ");
	host_tasks_pass(MS);
	expect_said("r3 r4 ");
	host_tasks_pass(MS);
	expect_said("w2 ");
	host_tasks_pass(MS);
	expect_said("w3 ");
	host_tasks_pass(MS);
	expect_empty(&names);
}

static void a_writer_that_is_dropped_is_in_nobodys_way(void **state)
{
	struct task *writer;

	(void)state;
	new_visitor("r1 ", false);
	writer = new_visitor("w1 ", true);
	new_visitor("r2 ", false);
	expect_said("r1 ");
	cancel(writer);
	expect_said("r2 ");
	host_tasks_pass(MS);
	expect_empty(&names);
}

/* It was let in, and dropped before it knew. */
static void who_is_dropped_at_the_door_is_not_inside(void **state)
{
	struct rwlock_enter enter;

	(void)state;
	for (unsigned int writes = 0; writes < 2; writes++) {
		struct task *visitor;

		assert_int_equal(block_on(rwlock_write(&enter, &names)), 0);
		visitor = new_visitor("x ", writes);
		new_visitor("w ", true);
		rwlock_unlock(&names);
		cancel(visitor);
		expect_said("w ");
		host_tasks_pass(MS);
		expect_empty(&names);
	}
}

static void only_who_is_inside_unlocks(void **state)
{
	(void)state;
	assert_true(HOST_PANICS(rwlock_unlock(&names)));
	new_visitor("w ", true);
	assert_true(HOST_PANICS(rwlock_unlock(&names)));
	assert_non_null(strstr(host_tasks.panic_text, "names"));
	host_tasks_pass(MS);
	expect_empty(&names);
}

/* A task that writes names and wants to write numbers, and the other way round. */
struct clerk {
	struct future future;
	struct rwlock_enter enter, other;
	struct sleep sleep;
};

ASYNC(clerk)
{
	ASYNC_BEGIN;
	await(rwlock_write(&me->enter, &numbers));
	await(sleep_for(&me->sleep, MS));
	await(rwlock_read(&me->other, &names));
	rwlock_unlock(&names);
	ASYNC_FINALLY;
	if (rwlock_is_mine(&numbers))
		rwlock_unlock(&numbers);
	ASYNC_END;
}

static void writers_in_a_circle_are_found(void **state)
{
	struct task *one = spawn(clerk);

	(void)state;
	host_tasks_run();
	spawn(visitor, .name = "w ", .writes = true, .then = &numbers);
	host_tasks_pass(MS);
	assert_non_null(strstr(host_tasks.log, "Deadlock: 2 tasks"));
	assert_non_null(strstr(host_tasks.log, "waits for leave to read names of visitor"));
	assert_non_null(strstr(host_tasks.log, "waits for leave to write numbers of clerk"));
	cancel(one);
	host_tasks_pass(2 * MS);
	expect_empty(&names);
	expect_empty(&numbers);
}

/* ---- what is made once ---- */

static int value; /* what is made */

struct user {
	struct future future;
	const char *name;
	bool fails;
	int makes;
	struct once_begin begin;
	struct sleep sleep;
};

ASYNC(user)
{
	ASYNC_BEGIN;
	await_into(me->makes, once_begin(&me->begin, &cache));
	if (me->makes) {
		say("make ");
		await(sleep_for(&me->sleep, MS));
		if (!me->fails)
			value = 42;
		once_end(&cache, !me->fails);
	}
	if (!me->fails)
		assert_int_equal(value, 42);
	say(me->name);
	ASYNC_FINALLY;
	if (once_is_mine(&cache))
		once_end(&cache, false);
	ASYNC_END;
}

static void the_first_makes_it_and_the_others_wait(void **state)
{
	struct once_begin begin;

	(void)state;
	value = 0;
	spawn(user, .name = "a ");
	spawn(user, .name = "b ");
	spawn(user, .name = "c ");
	expect_said("make ");
	assert_false(once_is_made(&cache));
	host_tasks_pass(MS);
	expect_said("a b c ");
	assert_true(once_is_made(&cache));
	assert_int_equal(future_poll(once_begin(&begin, &cache), &thread_current()->waker), READY);
	assert_int_equal(begin.future.ret, 0);
}

static void what_fails_is_tried_by_the_next(void **state)
{
	(void)state;
	value = 0;
	spawn(user, .name = "failed ", .fails = true);
	spawn(user, .name = "b ");
	spawn(user, .name = "c ");
	expect_said("make ");
	host_tasks_pass(MS);
	expect_said("failed make ");
	host_tasks_pass(MS);
	expect_said("b c ");
}

static void who_is_dropped_while_making_leaves_it_to_the_next(void **state)
{
	struct task *first = spawn(user, .name = "a "), *waits = spawn(user, .name = "b ");

	(void)state;
	value = 0;
	spawn(user, .name = "c ");
	expect_said("make ");
	cancel(waits);
	cancel(first);
	expect_said("make ");
	host_tasks_pass(MS);
	expect_said("c ");
	assert_null(cache.making.free.waiting.first);
}

/* ---- what an interrupt finds that comes as soon as it may ---- */

static const struct wait_list *watched;
static struct task *last; /* who waits in it, after all others */
static unsigned int looks;

/* Whoever has just left the list was woken. */
static void look(void)
{
	if (watched->first == NULL && looks++ == 0)
		assert_true(last->waker.state & WAKER_QUEUED);
}

static void watch(const struct wait_list *list, struct task *task)
{
	watched = list;
	last = task;
	looks = 0;
	host_cpu.interrupt = look;
}

static void expect_seen(void)
{
	host_cpu.interrupt = NULL;
	assert_int_not_equal(looks, 0);
	host_tasks_run();
}

static int stop_watching(void **state)
{
	(void)state;
	host_cpu.interrupt = NULL;
	return 0;
}

/* Else who has just been given a mutex, and with it the priority of who waits behind it, would not run. */
static void who_is_granted_is_awake_at_once(void **state)
{
	struct mutex_lock lock;
	struct rwlock_enter enter;
	struct task *guest, *other;

	(void)state;
	assert_int_equal(block_on(mutex_lock(&lock, &table)), 0);
	guest = new_guest("a ");
	other = new_guest("b ");
	mutex_unlock(&table);
	watch(&table.free.waiting, other);
	cancel(guest); /* it has been given the mutex, and does not know */
	host_tasks_run();
	expect_seen();

	watch(&served.waiting, other);
	assert_true(condition_signal(&served));
	expect_seen();
	expect_said("b ");

	assert_int_equal(block_on(mutex_lock(&lock, &table)), 0);
	watch(&table.free.waiting, new_guest("c "));
	mutex_unlock(&table);
	expect_seen();
	assert_true(condition_signal(&served));
	expect_said("c ");
	expect_all_gone();

	assert_int_equal(block_on(rwlock_write(&enter, &names)), 0);
	watch(&names.waiting, new_visitor("r ", false));
	rwlock_unlock(&names);
	expect_seen();
	host_tasks_pass(MS);
	expect_empty(&names);
}

/* ---- where nobody may sleep ---- */

static struct spinlock spinlock = SPINLOCK(RANK_LOG, "spinlock");

struct careless {
	struct future future;
	struct yield yield;
};

ASYNC(careless)
{
	ASYNC_BEGIN;
	spin_take(&spinlock);
	await(yield_now(&me->yield));
	ASYNC_FINALLY;
	spin_give(&spinlock);
	ASYNC_END;
}

static void a_task_does_not_await_with_a_spinlock(void **state)
{
	struct task *task = spawn(careless);

	(void)state;
	assert_true(HOST_PANICS(executor_run_ready(executor_here())));
	assert_non_null(strstr(host_tasks.panic_text, "careless waits where it must not"));
	executor_here()->current = NULL;
	cancel(task);
	host_tasks_run();
}

/* Though the mutex is free, and it would not sleep this time. */
static void nobody_blocks_with_a_spinlock(void **state)
{
	struct mutex_lock lock;
	uint64_t flags = spin_lock(&spinlock);

	(void)state;
	assert_true(HOST_PANICS(block_on(mutex_lock(&lock, &table))));
	spin_unlock(&spinlock, flags);
	assert_int_equal(block_on(mutex_lock(&lock, &table)), 0);
	mutex_unlock(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(a_signal_wakes_the_one_who_waits_longest, start),
	        cmocka_unit_test_setup(a_broadcast_wakes_all_who_wait, start),
	        cmocka_unit_test_setup(who_is_woken_waits_for_the_mutex, start),
	        cmocka_unit_test_setup(who_loses_patience_has_no_mutex, start),
	        cmocka_unit_test_setup(who_is_dropped_leaves_the_list, start),
	        cmocka_unit_test_setup(a_signal_for_one_who_is_dropped_goes_on, start),
	        cmocka_unit_test_setup(a_signal_for_one_who_is_dropped_at_the_mutex_goes_on, start),
	        cmocka_unit_test_setup(a_wait_that_is_dropped_before_it_began, start),
	        cmocka_unit_test_setup(a_wait_needs_the_mutex, start),
	        cmocka_unit_test_setup(readers_together_and_writers_alone, start),
	        cmocka_unit_test_setup(a_writer_that_is_dropped_is_in_nobodys_way, start),
	        cmocka_unit_test_setup(who_is_dropped_at_the_door_is_not_inside, start),
	        cmocka_unit_test_setup(only_who_is_inside_unlocks, start),
	        cmocka_unit_test_setup(writers_in_a_circle_are_found, start),
	        cmocka_unit_test_setup(the_first_makes_it_and_the_others_wait, start),
	        cmocka_unit_test_setup(what_fails_is_tried_by_the_next, start),
	        cmocka_unit_test_setup(who_is_dropped_while_making_leaves_it_to_the_next, start),
	        cmocka_unit_test_setup_teardown(who_is_granted_is_awake_at_once, start, stop_watching),
	        cmocka_unit_test_setup(a_task_does_not_await_with_a_spinlock, start),
	        cmocka_unit_test_setup(nobody_blocks_with_a_spinlock, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
