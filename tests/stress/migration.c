/*
 * The run queues of three CPUs (kernel/task/migration.c, kernel/task/ready.c, kernel/task/fair_queue.c,
 * kernel/task/placement.c, kernel/core/run_queue.h) with 12 threads, some real-time, some bound to one CPU, which two
 * helpers wake. What stands here for kernel/task/scheduler.c, whose switch needs stacks of its own, does the same in
 * the same order; who runs is a thread's number, and what it does is to take what it was woken for. Nothing of a thread
 * is atomic, so the thread sanitizer sees one that is on two CPUs, or that runs before its context is saved.
 */
#include "task/migration.h"

#include <string.h>

#include "machine.h"
#include "other_cpus.h"
#include "task/placement.h"
#include "task/ready.h"
#include "vector_state.h"

enum { RUNNERS = 3, HELPERS = 2, THREADS = 12, REAL_TIME = 4, WAKES = 60000 };

static PERCPU(struct scheduler, own) = {.lock = SPINLOCK(RANK_SCHEDULER, "scheduler")};

static struct thread threads[THREADS];
static unsigned int wanted[THREADS]; /* atomic: how often it was woken, and has not seen it */
static unsigned long seen, moved;    /* atomic, all together */
static struct {
	bool is_on_a_cpu; /* its context is not saved */
	uint32_t cpu;     /* where it ran last */
	unsigned long seen;
} facts[THREADS];

struct schedule_seed schedule_seed;

uint32_t schedule_seed_roll(uint32_t limit)
{
	return (uint32_t)machine_below(limit);
}

size_t vector_state_start(void)
{
	return 0;
}

struct scheduler *scheduler_here(void)
{
	return percpu(own);
}

struct scheduler *scheduler_on(uint32_t cpu)
{
	return percpu_of(own, cpu);
}

static unsigned long all_wakes(void)
{
	return (unsigned long)HELPERS * machine_rounds(WAKES);
}

static bool is_over(void)
{
	return __atomic_load_n(&seen, __ATOMIC_ACQUIRE) == all_wakes();
}

/* ---- instead of scheduler.c ---- */

static void pend(struct run_queue *queue)
{
	cpus_kick(((struct scheduler *)(void *)queue)->cpu);
}

static void deliver(struct scheduler *here, struct thread *thread)
{
	if (thread->state != THREAD_PARKED) {
		thread->is_woken = true;
		return;
	}
	ready_make(here, thread);
	if (!here->is_idle)
		migration_offer(thread);
}

static void empty_inbox(struct scheduler *here)
{
	struct waker *next;

	if (__atomic_load_n(&here->inbox.head, __ATOMIC_RELAXED) == RUN_QUEUE_IDLE)
		return;
	do {
		for (struct waker *waker = run_queue_take(&here->inbox); waker != NULL; waker = next) {
			next = waker->next;
			CHAOS();
			if (migration_forward(here, (struct thread *)(void *)waker))
				continue;
			__atomic_fetch_and(&waker->state, ~(uint64_t)WAKER_QUEUED, __ATOMIC_ACQ_REL);
			deliver(here, (struct thread *)(void *)waker);
		}
	} while (!run_queue_try_idle(&here->inbox));
}

static void idle(struct scheduler *here)
{
	struct thread *stolen;
	bool was_busy, was_asked;

	here->is_idle = true;
	spin_give(&here->lock);
	placement_enter_idle();
	CHAOS();
	stolen = migration_steal(&was_busy);
	while (stolen == NULL && !was_busy && !other_cpus_take_kick() && !is_over())
		CHAOS();
	was_asked = placement_leave_idle();
	spin_take(&here->lock);
	if (stolen != NULL)
		migration_take_in(here, stolen);
	empty_inbox(here);
	if (was_asked || was_busy)
		migration_ask_others(here);
	here->is_idle = false;
}

/* NULL: all is over. */
static struct thread *take_next(struct scheduler *here)
{
	struct thread *next;
	bool was_idle = false;

	while ((next = ready_take_next(here)) == NULL) {
		if (is_over())
			return NULL;
		idle(here);
		was_idle = true;
	}
	next->state = THREAD_RUNS;
	if (next != here->current) {
		if (here->current != NULL)
			facts[here->current - threads].is_on_a_cpu = false;
		EXPECT(!facts[next - threads].is_on_a_cpu);
		facts[next - threads].is_on_a_cpu = true;
		here->current = next;
	}
	if (was_idle)
		migration_offer_all(here);
	return next;
}

/* False: it was woken meanwhile, and does not park. */
static bool park(struct scheduler *here, struct thread *thread)
{
	empty_inbox(here);
	if (thread->is_woken) {
		thread->is_woken = false;
		return false;
	}
	if (thread->priority == THREAD_FAIR)
		fair_queue_leave(&here->fair);
	thread->state = THREAD_PARKED;
	return true;
}

/* ---- threads, and who wakes them ---- */

static void run(unsigned int number)
{
	unsigned int news = __atomic_exchange_n(&wanted[number], 0, __ATOMIC_ACQ_REL);

	EXPECT(cpu_set_has(&threads[number].affinity, percpu_cpu()));
	facts[number].seen += news;
	if (facts[number].cpu != percpu_cpu())
		__atomic_fetch_add(&moved, 1, __ATOMIC_RELAXED);
	facts[number].cpu = percpu_cpu();
	CHAOS();
	__atomic_fetch_add(&seen, news, __ATOMIC_ACQ_REL);
}

static void be_a_cpu(unsigned int number)
{
	struct scheduler *here;
	struct thread *thread;

	other_cpus_enter(number, RUNNERS);
	cpu_disable_interrupts();
	here = scheduler_here();
	spin_take(&here->lock);
	empty_inbox(here);
	while ((thread = take_next(here)) != NULL) {
		do {
			spin_give(&here->lock);
			run((unsigned int)(thread - threads));
			spin_take(&here->lock);
		} while (!park(here, thread));
	}
	spin_give(&here->lock);
	cpu_enable_interrupts();
	other_cpus_leave();
}

static void start_scheduler(void)
{
	struct scheduler *here = scheduler_here();

	here->cpu = percpu_cpu();
	here->inbox = (struct run_queue){.head = RUN_QUEUE_IDLE, .pend = pend};
}

static void start_thread(unsigned int number, struct scheduler *home)
{
	struct thread *thread = &threads[number];

	*thread = (struct thread){.waker = {.state = WAKER_THREAD, .home = &home->inbox}, .state = THREAD_PARKED};
	thread->priority = number < REAL_TIME ? THREAD_REAL_TIME + number % 2 : THREAD_FAIR;
	thread->cpu = home->cpu;
	for (uint32_t cpu = 1; cpu <= RUNNERS; cpu++) {
		if (number % 6 != 5 || cpu == home->cpu)
			cpu_set_add(&thread->affinity, cpu);
	}
	fair_entity_start(&thread->fair, FAIR_WEIGHT, 1000);
}

/* The first of the CPUs starts all threads, on itself. */
static void start_and_be_a_cpu(unsigned int number)
{
	host_cpu.number = number + 1;
	start_scheduler();
	if (number == 0) {
		for (unsigned int i = 0; i < THREADS; i++)
			start_thread(i, scheduler_here());
		migration_start();
	}
	be_a_cpu(number);
}

static void wake_some(unsigned int number)
{
	(void)number;
	while (!__atomic_load_n(&migration_is_possible, __ATOMIC_ACQUIRE))
		CHAOS();
	for (unsigned int i = 0; i < machine_rounds(WAKES); i++) {
		unsigned int which = (unsigned int)machine_below(THREADS);

		__atomic_fetch_add(&wanted[which], 1, __ATOMIC_ACQ_REL);
		wake(&threads[which].waker);
		CHAOS();
	}
}

unsigned long stress_migration(void)
{
	unsigned long sum = 0;

	memset(facts, 0, sizeof(facts));
	seen = moved = 0;
	migration_is_possible = false;
	machine_run(RUNNERS, start_and_be_a_cpu, HELPERS, wake_some, NULL);
	for (unsigned int i = 0; i < THREADS; i++)
		sum += facts[i].seen;
	EXPECT(sum == all_wakes());
	printf("# migration: %lu moves\n", moved);
	return sum;
}
