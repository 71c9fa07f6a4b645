/*
 * Tasks on the host, and the design they are compared with (tests/kernel/reference.h), in nanoseconds: the best of
 * several runs each, as the shortest time is the one that other work on the machine disturbed least.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../kernel/reference.h"
#include "core/log.h"
#include "core/panic.h"
#include "host_arch.h"
#include "host_thread.h"
#include "mm/heap.h"
#include "task/executor.h"
#include "task/stream.h"
#include "time/clock.h"
#include "time/clock_sources.h"
#include "time/timer.h"

enum { REPEATS = 200, ROUNDS = 20000, MANY = 1000, KEYS = 128, QUEUE = 2048 };

/* ---- what both need ---- */

uint64_t clock_monotonic_ns(void)
{
	return 0;
}

uint64_t clock_patience_ns(void)
{
	return UINT64_MAX;
}

void clock_check(void) {}

void *kmalloc(size_t size)
{
	return aligned_alloc(64, size);
}

void log_print(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void log_keep(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

const struct clock_source *clock_sources_tsc(void)
{
	static const struct clock_source tsc = {.hz = UINT32_MAX};

	return &tsc;
}

_Noreturn void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	abort();
}

static size_t reference_bytes;

void *reference_allocate(size_t size)
{
	reference_bytes += size;
	return malloc(size);
}

void reference_free(void *block)
{
	free(block);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void measure(const char *name, unsigned int rounds, void (*round)(unsigned int number))
{
	double best = 1e18;

	for (unsigned int i = 0; i < REPEATS; i++) {
		double start = now_ns(), took;

		for (unsigned int number = 0; number < rounds; number++)
			round(number);
		took = (now_ns() - start) / rounds;
		best = took < best ? took : best;
	}
	printf("%s: %.1f\n", name, best);
}

static void expect(bool holds, const char *what)
{
	if (!holds)
		panic("the figures are of something else: %s\n", what);
}

/* ---- ours ---- */

static struct executor *here;
static unsigned long long count;
static unsigned int tasks; /* of this measurement */

/* All of them, in an order that no cache foresees; without a division, which would take as long as a wake. */
static unsigned int next_task(void)
{
	static unsigned int at;

	at += 7;
	while (at >= tasks)
		at -= tasks;
	return at;
}

struct nothing {
	struct future future;
	unsigned int number;
};

ASYNC(nothing)
{
	ASYNC_BEGIN;
	count += me->number;
	ASYNC_FINALLY;
	ASYNC_END;
}

static void ours_spawn(unsigned int number)
{
	spawn(nothing, .number = number);
	executor_run_ready(here);
}

static struct atomic_waker places[MANY];

struct waiter {
	struct future future;
	struct atomic_waker *place;
};

static enum poll waiter_poll(struct future *future, struct waker *waker)
{
	struct waiter *me = (struct waiter *)future;

	if (waker == NULL)
		return READY;
	atomic_waker_register(me->place, waker);
	count++;
	return PENDING;
}

static const struct future_type waiter_type = {waiter_poll, "waiter", __FILE__, NULL};

static void ours_wake(unsigned int number)
{
	(void)number;
	atomic_waker_wake(&places[next_task()]);
	executor_run_ready(here);
}

static struct stream streams[MANY];
static uint64_t stream_items[MANY][KEYS];

struct reader {
	struct future future;
	struct stream *stream;
	struct next next;
};

ASYNC(reader)
{
	ASYNC_BEGIN;
	for (;;) {
		uint64_t item;

		await_into(item, stream_next(&me->next, me->stream));
		count += item != UINT64_MAX;
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void ours_keystroke(unsigned int number)
{
	stream_push(&streams[next_task()], (uint8_t)number);
	executor_run_ready(here);
}

static void ours_duplicate_wake(unsigned int number)
{
	(void)number;
	wake(&here->thread->waker);
}

struct ready {
	struct future future;
	unsigned int number;
};

static enum poll ready_poll(struct future *future, struct waker *waker)
{
	(void)waker;
	return future_ready(future, ((struct ready *)future)->number);
}

static const struct future_type ready_type = {ready_poll, "ready", __FILE__, NULL};

struct awaiter {
	struct future future;
	unsigned int rounds;
	struct ready ready;
};

ASYNC(awaiter)
{
	ASYNC_BEGIN;
	for (; me->rounds > 0; me->rounds--) {
		unsigned int result;

		await_into(result, call(&me->ready, ready, .number = me->rounds));
		count += result;
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void ours_await(void)
{
	double best = 1e18;

	for (unsigned int i = 0; i < REPEATS; i++) {
		struct awaiter awaiter = {.rounds = 0};
		double start = now_ns(), took;

		block_on(call(&awaiter, awaiter, .rounds = ROUNDS));
		took = (now_ns() - start) / (ROUNDS);
		best = took < best ? took : best;
	}
	printf("ours await: %.1f\n", best);
}

static struct timer timers[MANY];

static void never(struct timer *timer)
{
	panic("timer %p fired\n", (void *)timer);
}

/* Into a queue with 999 others. */
static void ours_timer(unsigned int number)
{
	static unsigned int at;
	struct timer *timer = &timers[at = at + 7 < MANY ? at + 7 : at + 7 - MANY];

	timer_cancel(timer);
	timer_start(timer, 1000 + (number * 7919u & 0xfffff));
}

static void measure_ours(void)
{
	host_thread_start(NULL);
	executor_start();
	here = executor_here();
	measure("ours spawn", ROUNDS, ours_spawn);
	for (tasks = 1; tasks <= MANY; tasks += MANY - 1) {
		for (unsigned int i = tasks == 1 ? 0 : 1; i < tasks; i++)
			spawn(waiter, .place = &places[i]);
		executor_run_ready(here);
		count = 0;
		measure(tasks == 1 ? "ours wake_1" : "ours wake_1000", ROUNDS, ours_wake);
		expect(count == (unsigned long long)REPEATS * ROUNDS, "a wake and a poll each");
	}
	for (tasks = 1; tasks <= MANY; tasks += MANY - 1) {
		for (unsigned int i = tasks == 1 ? 0 : 1; i < tasks; i++) {
			streams[i] = (struct stream){.name = "keys", .items = stream_items[i], .capacity = KEYS};
			spawn(reader, .stream = &streams[i]);
		}
		executor_run_ready(here);
		count = 0;
		measure(tasks == 1 ? "ours keystroke_1" : "ours keystroke_1000", ROUNDS, ours_keystroke);
		expect(count == (unsigned long long)REPEATS * ROUNDS, "a key and a read each");
	}
	measure("ours duplicate_wake", ROUNDS, ours_duplicate_wake);
	executor_run_ready(here);
	ours_await();
	for (unsigned int i = 0; i < MANY; i++)
		timers[i].fire = never;
	measure("ours timer", ROUNDS, ours_timer);
	printf("ours bytes: %zu\n", (size_t)TASK_SLOT_MIN);
}

/* ---- the reference, in C ---- */

static struct reference_executor executor;

struct reference_nothing {
	struct reference_task task;
	unsigned int number;
};

static bool reference_nothing(struct reference_task *task, struct reference_waker *waker)
{
	(void)waker;
	count += ((struct reference_nothing *)task)->number;
	return true;
}

static void reference_spawn_round(unsigned int number)
{
	struct reference_nothing *task = reference_allocate(sizeof(*task));

	*task = (struct reference_nothing){{reference_nothing}, number};
	reference_spawn(&executor, &task->task);
	reference_run_ready(&executor);
}

struct reference_waiter {
	struct reference_task task;
	struct reference_cell *cell;
};

static struct reference_cell cells[MANY];

static bool reference_waiter(struct reference_task *task, struct reference_waker *waker)
{
	reference_cell_register(((struct reference_waiter *)task)->cell, waker);
	count++;
	return false;
}

static void reference_wake_round(unsigned int number)
{
	(void)number;
	reference_cell_wake(&cells[next_task()]);
	reference_run_ready(&executor);
}

static struct reference_keys {
	struct reference_queue queue;
	struct reference_cell cell;
} keys[MANY];

struct reference_reader {
	struct reference_task task;
	struct reference_keys *keys;
};

static bool reference_reader(struct reference_task *task, struct reference_waker *waker)
{
	struct reference_keys *mine = ((struct reference_reader *)task)->keys;
	uint64_t key;

	for (;;) {
		if (!reference_queue_pop(&mine->queue, &key)) {
			reference_cell_register(&mine->cell, waker);
			if (!reference_queue_pop(&mine->queue, &key))
				return false;
		}
		count++;
	}
}

static void reference_keystroke_round(unsigned int number)
{
	struct reference_keys *one = &keys[next_task()];

	if (reference_queue_push(&one->queue, (uint8_t)number))
		reference_cell_wake(&one->cell);
	reference_run_ready(&executor);
}

static void add_reference_waiters(void)
{
	for (unsigned int i = 0; i < tasks; i++) {
		struct reference_waiter *task = reference_allocate(sizeof(*task));

		cells[i] = (struct reference_cell){.state = REFERENCE_WAITING};
		*task = (struct reference_waiter){{reference_waiter}, &cells[i]};
		reference_spawn(&executor, &task->task);
	}
	reference_run_ready(&executor);
}

static void add_reference_readers(void)
{
	for (unsigned int i = 0; i < tasks; i++) {
		struct reference_reader *task = reference_allocate(sizeof(*task));

		keys[i].cell = (struct reference_cell){.state = REFERENCE_WAITING};
		reference_queue_start(&keys[i].queue, KEYS);
		*task = (struct reference_reader){{reference_reader}, &keys[i]};
		reference_spawn(&executor, &task->task);
	}
	reference_run_ready(&executor);
}

static void measure_reference(void)
{
	reference_executor_start(&executor, QUEUE);
	measure("c spawn", ROUNDS, reference_spawn_round);
	for (tasks = 1; tasks <= MANY; tasks += MANY - 1) {
		reference_executor_start(&executor, QUEUE);
		reference_bytes = 0;
		add_reference_waiters();
		if (tasks == MANY)
			printf("c bytes: %zu\n", reference_bytes / MANY);
		measure(tasks == 1 ? "c wake_1" : "c wake_1000", ROUNDS, reference_wake_round);
	}
	for (tasks = 1; tasks <= MANY; tasks += MANY - 1) {
		reference_executor_start(&executor, QUEUE);
		add_reference_readers();
		measure(tasks == 1 ? "c keystroke_1" : "c keystroke_1000", ROUNDS, reference_keystroke_round);
	}
}

int main(void)
{
	measure_ours();
	measure_reference();
	return 0;
}
