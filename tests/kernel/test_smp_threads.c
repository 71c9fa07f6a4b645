/*
 * Threads on every CPU: they come and go, and wake each other from CPU to CPU.
 */
#include "kernel_test.h"

#include "core/cpus.h"
#include "everywhere.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"
#include "task/semaphore.h"
#include "task/sleep.h"
#include "task/thread.h"

#define THREADS     20
#define RING_ROUNDS 20

static uint32_t masters_done, workers_done;
static struct semaphore tokens[CPUS_MAX];

static intptr_t work(void *argument)
{
	for (unsigned int i = 0; i < 3; i++)
		scheduler_yield();
	__atomic_fetch_add(&workers_done, 1, __ATOMIC_RELAXED);
	return (intptr_t)argument;
}

static intptr_t create_and_join(void *argument)
{
	intptr_t sum = 0;

	(void)argument;
	for (intptr_t i = 0; i < THREADS; i++) {
		struct thread_join join = {.waker = NULL};
		struct thread *thread = thread_create(.name = "worker", .run = work, .argument = (void *)i);

		if (thread != NULL)
			sum += block_on(thread_join(&join, thread));
	}
	if (sum == THREADS * (THREADS - 1) / 2)
		__atomic_fetch_add(&masters_done, 1, __ATOMIC_RELEASE);
	return 0;
}

/* A token goes round: each waits for it and gives it to the next CPU's, wherever those run. */
static intptr_t pass_on(void *argument)
{
	uint32_t me = (uint32_t)(uintptr_t)argument, next = (me + 1) % cpus_online();

	for (unsigned int round = 0; round < RING_ROUNDS; round++) {
		struct semaphore_acquire acquire = {.semaphore = NULL};

		block_on(semaphore_acquire(&acquire, &tokens[me]));
		semaphore_release(&tokens[next]);
	}
	__atomic_fetch_add(&masters_done, 1, __ATOMIC_RELEASE);
	return 0;
}

static void start_joiner(void)
{
	thread_detach(thread_create(.name = "joiner", .run = create_and_join));
}

static void start_passer(void)
{
	thread_detach(thread_create(.name = "passer", .run = pass_on, .argument = (void *)(uintptr_t)percpu_cpu()));
}

/* The test is the executor's thread: only while it sleeps others run here. */
static void wait_for_masters(void)
{
	while (__atomic_load_n(&masters_done, __ATOMIC_ACQUIRE) != cpus_online()) {
		struct sleep sleep = {.has_fired = false};

		block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
	}
}

KERNEL_TEST(smp_threads_on_every_cpu)
{
	NEEDS_OTHERS(info);
	masters_done = workers_done = 0;
	everywhere_run(start_joiner);
	wait_for_masters();
	EXPECT(workers_done == THREADS * cpus_online());
}

KERNEL_TEST(smp_threads_wake_each_other)
{
	NEEDS_OTHERS(info);
	masters_done = 0;
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++)
		semaphore_start(&tokens[cpu], "token", cpu == 0);
	everywhere_run(start_passer);
	wait_for_masters();
	EXPECT(semaphore_try_acquire(&tokens[0]));
}

/* One mutex for threads of all CPUs and of different priorities, which its holder inherits from CPU to CPU. */
#define TURNS 40

static struct mutex shared = MUTEX("shared");
static uint32_t turns; /* guarded by the mutex */

static intptr_t take_turns(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < TURNS; i++) {
		struct mutex_lock lock = {.has_waited = false};
		uint32_t before;

		block_on(mutex_lock(&lock, &shared));
		before = turns;
		scheduler_yield();
		turns = before + 1;
		mutex_unlock(&shared);
	}
	__atomic_fetch_add(&masters_done, 1, __ATOMIC_RELEASE);
	return 0;
}

static void start_taker(void)
{
	uint8_t priority = percpu_cpu() % 2 == 0 ? THREAD_FAIR : THREAD_REAL_TIME + percpu_cpu() % 8;

	thread_detach(thread_create(.name = "taker", .run = take_turns, .priority = priority));
}

KERNEL_TEST(smp_threads_share_a_mutex)
{
	NEEDS_OTHERS(info);
	masters_done = turns = 0;
	everywhere_run(start_taker);
	wait_for_masters();
	EXPECT(turns == TURNS * cpus_online());
}
