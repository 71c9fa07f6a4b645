#include "host_thread.h"

#include "cpu.h"
#include "task/scheduler.h"

static _Thread_local struct {
	struct run_queue inbox;
	struct thread thread;
} own;

static void pend_nowhere(struct run_queue *inbox)
{
	(void)inbox;
}

void host_thread_start(void (*pend)(struct run_queue *inbox))
{
	own.inbox = (struct run_queue){.pend = pend != NULL ? pend : pend_nowhere};
	own.thread = (struct thread){.waker = {.state = WAKER_THREAD, .home = &own.inbox}, .name = "host"};
	host_cpu.thread = &own.thread;
}

struct run_queue *host_thread_inbox(void)
{
	return &own.inbox;
}

/* Nobody but the CPU's own thread is woken here. */
static bool take_wake(void)
{
	struct waker *waker = run_queue_take(&own.inbox);

	if (waker != NULL)
		__atomic_fetch_and(&waker->state, ~(uint64_t)WAKER_QUEUED, __ATOMIC_ACQ_REL);
	return waker != NULL;
}

void scheduler_set_priority(struct thread *thread, uint8_t priority)
{
	thread->priority = priority;
}

const char *thread_running_name(void)
{
	return NULL;
}

void scheduler_park(void)
{
	cpu_disable_interrupts();
	if (!take_wake() && run_queue_try_idle(&own.inbox)) {
		cpu_wait_for_interrupt();
		take_wake();
	}
	cpu_enable_interrupts();
}
