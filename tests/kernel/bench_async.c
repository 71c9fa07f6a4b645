/*
 * What tasks cost in instructions, beside the design they are compared with (reference.h). One executor, one task that
 * is ready; averages of ROUNDS rounds.
 */
#include "bench.h"

#include <stddef.h>

#include "core/irq.h"
#include "core/panic.h"
#include "mm/heap.h"
#include "reference.h"
#include "task/executor.h"
#include "task/stream.h"
#include "time/timer.h"

#define ROUNDS    64
#define FREE_LINE 5

static STREAM(keys, 16);
static uint64_t keys_read;
static uint64_t polled_at; /* TSC */

/* ---- ours ---- */

struct nothing {
	struct future future;
};

ASYNC(nothing)
{
	ASYNC_BEGIN;
	ASYNC_FINALLY;
	ASYNC_END;
}

BENCH(async_spawn_to_end)
{
	struct executor *here = executor_here();

	spawn(nothing);
	executor_run_ready(here);
	return BENCH_COST(for (unsigned int i = 0; i < ROUNDS; i++) {
		spawn(nothing);
		executor_run_ready(here);
	}) / ROUNDS;
}

static struct atomic_waker place;

struct waiter {
	struct future future;
};

static enum poll waiter_poll(struct future *future, struct waker *waker)
{
	(void)future;
	if (waker == NULL)
		return READY;
	atomic_waker_register(&place, waker);
	return PENDING;
}

static const struct future_type waiter_type = {waiter_poll, "waiter", __FILE__, NULL};

static uint64_t run_waiter(void)
{
	struct executor *here = executor_here();
	struct task *task = spawn(waiter);
	uint64_t cost;

	executor_run_ready(here);
	cost = BENCH_COST(for (unsigned int i = 0; i < ROUNDS; i++) {
		atomic_waker_wake(&place);
		executor_run_ready(here);
	});
	task_cancel(task, task_generation(task));
	executor_run_ready(here);
	return cost / ROUNDS;
}

BENCH(async_wake_and_poll)
{
	return run_waiter();
}

struct reader {
	struct future future;
	struct next next;
};

ASYNC(reader)
{
	ASYNC_BEGIN;
	for (;;) {
		await(stream_next(&me->next, &keys));
		polled_at = cpu_read_tsc();
		keys_read++;
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static struct task *start_reader(void)
{
	struct task *task = spawn(reader);

	executor_run_ready(executor_here());
	keys_read = 0;
	return task;
}

static void end_reader(struct task *task, unsigned int wanted)
{
	if (keys_read != wanted)
		panic("%lu of %u keys were read.", keys_read, wanted);
	task_cancel(task, task_generation(task));
	executor_run_ready(executor_here());
}

BENCH(async_keystroke)
{
	struct executor *here = executor_here();
	struct task *task = start_reader();
	uint64_t cost = BENCH_COST(for (unsigned int i = 0; i < ROUNDS; i++) {
		stream_push(&keys, i);
		executor_run_ready(here);
	});

	end_reader(task, ROUNDS);
	return cost / ROUNDS;
}

struct ready {
	struct future future;
};

static enum poll ready_poll(struct future *future, struct waker *waker)
{
	(void)waker;
	return future_ready(future, 1);
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
	for (; me->rounds > 0; me->rounds--)
		await(call(&me->ready, ready));
	ASYNC_FINALLY;
	ASYNC_END;
}

BENCH(async_await)
{
	struct awaiter awaiter = {.rounds = 0};

	return BENCH_COST(block_on(call(&awaiter, awaiter, .rounds = ROUNDS))) / ROUNDS;
}

static void never(struct timer *timer)
{
	panic("Timer %p fired.", (void *)timer);
}

BENCH(async_timer)
{
	struct timer timer = {.fire = never};
	uint64_t later = UINT64_MAX - 1;

	timer_start(&timer, later);
	timer_cancel(&timer);
	return BENCH_COST(for (unsigned int i = 0; i < ROUNDS; i++) {
		timer_start(&timer, later);
		timer_cancel(&timer);
	}) / ROUNDS;
}

/* ---- from an interrupt to the task ---- */

static enum irq_result push_key(void *context)
{
	(void)context;
	stream_push(&keys, 1);
	return IRQ_MINE;
}

/* From the first instruction of the vector's stub to the first of the task that it woke, behind its await. */
BENCH(interrupt_to_task)
{
	struct executor *here = executor_here();
	struct task *task = start_reader();
	uint64_t cost = 0;

	irq_register(FREE_LINE, push_key, NULL);
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t before = cpu_read_tsc();

		__asm__ volatile("int %0" ::"i"(VECTOR_SOURCES + FREE_LINE) : "memory");
		executor_run_ready(here);
		cost = polled_at - before;
	}
	irq_unregister(FREE_LINE, push_key, NULL);
	end_reader(task, 2);
	return cost;
}

/* ---- the reference ---- */

void *reference_allocate(size_t size)
{
	return kmalloc(size);
}

void reference_free(void *block)
{
	kfree(block);
}

static bool poll_nothing(struct reference_task *task, struct reference_waker *waker)
{
	(void)task;
	(void)waker;
	return true;
}

static void spawn_nothing(struct reference_executor *executor)
{
	struct reference_task *task = reference_allocate(sizeof(*task));

	task->poll = poll_nothing;
	reference_spawn(executor, task);
	reference_run_ready(executor);
}

BENCH(reference_spawn_to_end)
{
	struct reference_executor executor;
	uint64_t cost;

	reference_executor_start(&executor, 128);
	spawn_nothing(&executor);
	cost = BENCH_COST(for (unsigned int i = 0; i < ROUNDS; i++) spawn_nothing(&executor));
	reference_executor_end(&executor);
	return cost / ROUNDS;
}

static struct reference_cell cell;
static struct reference_queue reference_keys;

static bool poll_waiter(struct reference_task *task, struct reference_waker *waker)
{
	(void)task;
	reference_cell_register(&cell, waker);
	return false;
}

static bool poll_reader(struct reference_task *task, struct reference_waker *waker)
{
	uint64_t key;

	(void)task;
	for (;;) {
		if (!reference_queue_pop(&reference_keys, &key)) {
			reference_cell_register(&cell, waker);
			if (!reference_queue_pop(&reference_keys, &key))
				return false;
		}
		keys_read++;
	}
}

static void start_reference(
        struct reference_executor *executor, bool (*poll)(struct reference_task *task, struct reference_waker *waker))
{
	struct reference_task *task = reference_allocate(sizeof(*task));

	task->poll = poll;
	cell = (struct reference_cell){.state = REFERENCE_WAITING};
	reference_executor_start(executor, 128);
	reference_spawn(executor, task);
	reference_run_ready(executor);
}

/* The waker may still be in the cell: it is the task's no longer, and nobody wakes it. */
BENCH(reference_wake_and_poll)
{
	struct reference_executor executor;
	uint64_t cost;

	start_reference(&executor, poll_waiter);
	cost = BENCH_COST(for (unsigned int i = 0; i < ROUNDS; i++) {
		reference_cell_wake(&cell);
		reference_run_ready(&executor);
	});
	reference_executor_end(&executor);
	return cost / ROUNDS;
}

BENCH(reference_keystroke)
{
	struct reference_executor executor;
	uint64_t cost;

	reference_queue_start(&reference_keys, 128);
	start_reference(&executor, poll_reader);
	keys_read = 0;
	cost = BENCH_COST(for (unsigned int i = 0; i < ROUNDS; i++) {
		reference_queue_push(&reference_keys, i);
		reference_cell_wake(&cell);
		reference_run_ready(&executor);
	});
	if (keys_read != ROUNDS)
		panic("%lu keys were read.", keys_read);
	reference_executor_end(&executor);
	reference_queue_end(&reference_keys);
	return cost / ROUNDS;
}
