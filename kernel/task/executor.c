#include "task/executor.h"

#include "abi/errno.h"
#include "cpu.h"
#include "percpu.h"
#include "preempt.h"
#include "task/scheduler.h"
#include "task/slow_poll.h"
#include "task/wait_graph.h"

#define FIRST_SLOTS 8 /* which need no heap */

static PERCPU(struct executor, own);

static _Alignas(64) char first_slots[FIRST_SLOTS * TASK_SLOT_MIN];

struct executor *executor_here(void)
{
	return percpu(own);
}

/* The task whose poll has led to this call; NULL: none, this is another thread's work. An executor's thread stays where
 * it is. */
static struct task *current_task(void)
{
	struct executor *here = executor_here();

	return here->thread == thread_current() ? here->current : NULL;
}

struct waker *executor_current_waker(void)
{
	struct task *task = current_task();

	return task != NULL ? &task->waker : &thread_current()->waker;
}

const char *executor_task_name(void)
{
	struct task *task = current_task();

	return task != NULL ? task_future(task)->type->name : thread_running_name();
}

#ifdef DEBUG
/* Who waits must be free to sleep, even where it does not have to this time. */
static void check_may_sleep(void)
{
	if (spin_held() != 0 || preempt_depth() != 0 || !cpu_interrupts_enabled())
		panic("%s waits where it must not: locks %x, %u times not to be preempted, interrupts %s.",
		        executor_task_name() != NULL ? executor_task_name() : "The executor", spin_held(),
		        preempt_depth(), cpu_interrupts_enabled() ? "on" : "off");
}
#else
static inline void check_may_sleep(void) {}
#endif

static void pend(struct run_queue *queue)
{
	wake(&((struct executor *)(void *)queue)->thread->waker); /* its first field */
}

void executor_start(void)
{
	struct executor *here = executor_here();

	*here = (struct executor){.queue.pend = pend, .thread = thread_current()};
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
		check_may_sleep();
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
		if (state & WAKER_LIVE)
			run_task(executor, (struct task *)(void *)waker, (state & WAKER_CANCEL) != 0);
	}
	return count;
}

static void sleep_if_idle(struct executor *executor)
{
	if (!run_queue_try_idle(&executor->queue))
		return;
	executor->halts++;
	scheduler_park();
	executor->stamp = cpu_read_tsc();
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

/* The future is polled more often than it is woken, which it has to bear. */
static void run_until_done(struct executor *here, struct future *future)
{
	here->stamp = cpu_read_tsc();
	while (future_poll(future, &here->thread->waker) == PENDING) {
		if (executor_run_ready(here) == 0)
			sleep_if_idle(here);
	}
}

static bool park_until_done(struct thread *thread, struct future *future)
{
	bool is_done = false;

	thread->waits_for = future;
	while (!thread_is_killed() && !(is_done = future_poll(future, &thread->waker) == READY))
		scheduler_park();
	thread->waits_for = NULL;
	return is_done;
}

intptr_t block_on(struct future *future)
{
	struct executor *here = executor_here();
	struct thread *thread = thread_current();

	if (current_task() != NULL)
		panic("block_on() in task %s: a task awaits.", executor_task_name());
	check_may_sleep();
	if (here->thread == thread) {
		run_until_done(here, future);
		return future->ret;
	}
	if (park_until_done(thread, future))
		return future->ret;
	future_drop(future);
	return -EINTR;
}
