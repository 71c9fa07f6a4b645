#include "task/executor.h"

#include "abi/errno.h"
#include "cpu.h"
#include "percpu.h"
#include "task/slow_poll.h"
#include "task/wait_graph.h"

#define FIRST_SLOTS 8 /* which need no heap */

static PERCPU(struct executor, own);

static _Alignas(64) char first_slots[FIRST_SLOTS * TASK_SLOT_MIN];

struct executor *executor_here(void)
{
	return percpu(own);
}

/* On one CPU there is nobody to kick: the interrupt whose handler pushed has ended the sleep. */
static void pend(struct run_queue *queue)
{
	(void)queue;
}

void executor_start(void)
{
	struct executor *here = executor_here();

	*here = (struct executor){.queue.pend = pend, .outside.home = &here->queue};
	if (percpu_cpu() == 0)
		task_add_slots(here, first_slots, sizeof(first_slots), 0);
}

/* A poll begins where the last one ended: to read the counter costs as much as four locked instructions. */
static void account(struct executor *executor, struct task *task, bool is_over)
{
	uint64_t now = cpu_read_tsc(), ticks = now - executor->stamp;

	executor->stamp = now;
	task->ticks += ticks;
	if (ticks > executor->slow_ticks)
		executor->slow_ticks = slow_poll_check(task, ticks, is_over);
}

static void run_task(struct executor *executor, struct task *task, bool is_cancelled)
{
	struct future *future = task_future(task);
	bool is_over = is_cancelled;

	executor->current = task;
	executor->polls++;
	if (is_cancelled) {
		future_drop(future);
		future->ret = -ECANCELED;
	} else {
		task->polls++;
		task->budget = TASK_BUDGET;
		task->waits_anew = false;
		is_over = future_poll(future, &task->waker) == READY;
	}
	executor->current = NULL;
	account(executor, task, is_over);
	if (is_over)
		task_finish(task);
	else if (task->waits_anew)
		wait_graph_check(task);
}

unsigned int executor_run_ready(struct executor *executor)
{
	unsigned int count = 0;
	struct waker *next;

	for (struct waker *waker = run_queue_take(&executor->queue); waker != NULL; waker = next, count++) {
		uint64_t state;

		next = waker->next;
		CHAOS();
		/* Before the poll: who wakes from here on wants another one. */
		state = __atomic_fetch_sub(&waker->state, WAKER_QUEUED, __ATOMIC_ACQ_REL);
		CHAOS();
		if (waker == &executor->outside)
			executor->outside_woken = true;
		else if (state & WAKER_LIVE)
			run_task(executor, (struct task *)(void *)waker, (state & WAKER_CANCEL) != 0);
	}
	return count;
}

static void sleep_if_idle(struct executor *executor)
{
	cpu_disable_interrupts();
	if (run_queue_try_idle(&executor->queue)) {
		executor->halts++;
		cpu_wait_for_interrupt(); /* with interrupts on */
		executor->stamp = cpu_read_tsc();
	}
	cpu_enable_interrupts();
}

void executor_run(void)
{
	struct executor *here = executor_here();

	here->stamp = cpu_read_tsc();
	for (;;) {
		if (executor_run_ready(here) == 0)
			sleep_if_idle(here);
	}
}

intptr_t block_on(struct future *future)
{
	struct executor *here = executor_here();

	if (here->current != NULL)
		panic("block_on() in task %s: a task awaits.", task_future(here->current)->type->name);
	while (future_poll(future, &here->outside) == PENDING) {
		here->stamp = cpu_read_tsc();
		while (!here->outside_woken) {
			if (executor_run_ready(here) == 0)
				sleep_if_idle(here);
		}
		here->outside_woken = false;
	}
	return future->ret;
}
