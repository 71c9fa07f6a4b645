/*
 * Threads: their lives, who runs when, and what wakes them.
 */
#include "kernel_test.h"

#include "first_cpu.h"

#include "abi/errno.h"
#include "cpu.h"
#include "mm/heap.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"
#include "task/sleep.h"
#include "task/thread_stack.h"
#include "task/timeout.h"
#include "task/yield.h"
#include "threads.h"

#define MS    1000000ull
#define ALONE (300 * MS)

/* Lets others run until it is so; false if it never is. A machine may be as slow as it likes. */
#define WAIT_UNTIL(condition)                                                                                          \
	({                                                                                                             \
		struct sleep sleep_;                                                                                   \
		unsigned int times_ = 0;                                                                               \
		while (!(condition) && times_++ < 5000)                                                                \
			block_on(sleep_for(&sleep_, MS));                                                              \
		(condition);                                                                                           \
	})

static intptr_t add_one(void *argument)
{
	return (intptr_t)argument + 1;
}

KERNEL_TEST(thread_join)
{
	unsigned int alive = threads_alive(), stacks = thread_stack_count();
	struct thread *thread = thread_create_here(.name = "add", .run = add_one, .argument = (void *)41);

	EXPECT(thread != NULL);
	EXPECT(join(thread) == 42);
	EXPECT(threads_alive() == alive && thread_stack_count() == stacks);
}

static intptr_t leave(void *argument)
{
	thread_exit((intptr_t)argument);
}

KERNEL_TEST(thread_exit)
{
	struct thread *thread = thread_create_here(.name = "leave", .run = leave, .argument = (void *)7);

	EXPECT(thread != NULL && join(thread) == 7);
}

KERNEL_TEST(thread_join_of_one_that_is_over)
{
	struct thread *thread = thread_create_here(.name = "early", .run = add_one, .priority = THREAD_REAL_TIME);

	EXPECT(thread != NULL && thread->state == THREAD_OVER); /* it ran at once */
	EXPECT(join(thread) == 1);
}

/* Two orders: the handle is given up before the end, and after it. */
KERNEL_TEST(thread_detach)
{
	unsigned int alive = threads_alive(), stacks = thread_stack_count();
	struct thread *late = thread_create_here(.name = "late", .run = add_one);
	struct thread *early = thread_create_here(.name = "early", .run = add_one, .priority = THREAD_REAL_TIME);

	EXPECT(late != NULL && early != NULL && late->state == THREAD_READY);
	thread_detach(late);
	thread_detach(early);
	EXPECT(early->state == THREAD_FREE);
	EXPECT(WAIT_UNTIL(threads_alive() == alive && thread_stack_count() == stacks));
}

#define MANY 200

static intptr_t sleep_a_little(void *argument)
{
	struct sleep sleep;

	block_on(sleep_for(&sleep, (uint64_t)argument * MS / 100));
	return (intptr_t)argument;
}

KERNEL_TEST(thread_many)
{
	static struct thread *threads[MANY];
	unsigned int alive = threads_alive(), stacks = thread_stack_count(), count = 0;

	while (count < MANY && (threads[count] = thread_create_here(.name = "one of many", .run = sleep_a_little,
	                                .argument = (void *)(uintptr_t)count)) != NULL)
		count++;
	EXPECT(count >= 10); /* even where memory is short */
	for (unsigned int i = 0; i < count; i++)
		EXPECT(join(threads[i]) == (intptr_t)i);
	EXPECT(threads_alive() == alive && thread_stack_count() == stacks);
}

static intptr_t look_at_canary(void *argument)
{
	(void)argument;
	return (intptr_t)percpu_canary();
}

/* Two at a time have two slots. */
KERNEL_TEST(thread_canary)
{
	struct thread *one = thread_create_here(.name = "one", .run = look_at_canary);
	struct thread *other = thread_create_here(.name = "other", .run = look_at_canary);
	intptr_t of_one, of_other;

	EXPECT(one != NULL && other != NULL);
	of_one = join(one);
	of_other = join(other);
	EXPECT(of_one != of_other && of_one != (intptr_t)percpu_canary() && of_other != (intptr_t)percpu_canary());
	EXPECT((of_one & 0xff) == 0 && (of_other & 0xff) == 0);
}

/* ---- who runs ---- */

static volatile bool stop;
static volatile uint64_t turns[2];

static intptr_t spin(void *argument)
{
	while (!stop)
		turns[(uintptr_t)argument]++;
	return 0;
}

/* Nothing in either gives the CPU away. */
KERNEL_TEST(thread_preemption)
{
	struct thread *one, *other;
	bool is_fair;

	stop = false;
	turns[0] = turns[1] = 0;
	one = thread_create_here(.name = "spin 0", .run = spin, .argument = (void *)0);
	other = thread_create_here(.name = "spin 1", .run = spin, .argument = (void *)1);
	EXPECT(one != NULL && other != NULL);
	is_fair = WAIT_UNTIL(turns[0] > 0 && turns[1] > 0 && one->switches > 2);
	stop = true;
	EXPECT(join(one) == 0 && join(other) == 0);
	EXPECT(is_fair);
}

/* Who weighs four times as much has its turn more often. How much more is the fair queue's unit test's. */
KERNEL_TEST(thread_weights)
{
	struct thread *light, *heavy;
	bool is_ahead;

	stop = false;
	turns[0] = turns[1] = 0;
	light = thread_create_here(.name = "light", .run = spin, .argument = (void *)0);
	heavy = thread_create_here(.name = "heavy", .run = spin, .argument = (void *)1, .weight = 4 * FAIR_WEIGHT);
	EXPECT(light != NULL && heavy != NULL);
	is_ahead = WAIT_UNTIL(light->switches > 4 && heavy->ticks > 2 * light->ticks);
	stop = true;
	EXPECT(join(light) == 0 && join(heavy) == 0);
	EXPECT(is_ahead);
}

static uint64_t seen_alone;
static bool is_shared;

static intptr_t run_alone(void *argument)
{
	(void)argument;
	while (!__atomic_load_n(&is_shared, __ATOMIC_RELAXED))
		__atomic_store_n(&seen_alone, clock_monotonic_ns(), __ATOMIC_RELAXED);
	return 0;
}

/* Was the other's turn before this one had half as long a one as the other? */
static intptr_t come_later(void *argument)
{
	struct sleep sleep;
	uint64_t began;

	(void)argument;
	block_on(sleep_for(&sleep, ALONE));
	began = clock_monotonic_ns();
	while (clock_monotonic_ns() < began + ALONE / 2 && __atomic_load_n(&seen_alone, __ATOMIC_RELAXED) <= began)
		cpu_relax();
	__atomic_store_n(&is_shared, true, __ATOMIC_RELAXED);
	return __atomic_load_n(&seen_alone, __ATOMIC_RELAXED) > began;
}

/* Nobody else wanted the CPU meanwhile, so nobody has been behind. */
KERNEL_TEST(thread_that_ran_alone_owes_nothing)
{
	struct thread *alone, *later;

	is_shared = false;
	alone = thread_create_here(.name = "alone", .run = run_alone);
	later = thread_create_here(.name = "later", .run = come_later);
	EXPECT(alone != NULL && later != NULL);
	EXPECT(join(later) == 1);
	join(alone);
}

static char order[8];
static unsigned int order_length;

static intptr_t sign(void *argument)
{
	order[order_length++] = (char)(uintptr_t)argument;
	return 0;
}

/* Created by one of the highest priority, so that none runs before all are there. */
static intptr_t create_four(void *argument)
{
	struct thread **threads = argument;

	threads[0] = thread_create_here(.name = "fair", .run = sign, .argument = (void *)'f');
	threads[1] = thread_create_here(.name = "low", .run = sign, .argument = (void *)'l', .priority = 3);
	threads[2] = thread_create_here(.name = "high", .run = sign, .argument = (void *)'h', .priority = 20);
	threads[3] = thread_create_here(.name = "low, too", .run = sign, .argument = (void *)'m', .priority = 3);
	return 0;
}

KERNEL_TEST(thread_priorities)
{
	struct thread *threads[4], *creator;

	order_length = 0;
	creator = thread_create_here(.name = "creator", .run = create_four, .argument = threads, .priority = 31);
	EXPECT(creator != NULL && join(creator) == 0);
	for (unsigned int i = 0; i < 4; i++)
		EXPECT(threads[i] != NULL && join(threads[i]) == 0);
	EXPECT(order[0] == 'h' && order[1] == 'l' && order[2] == 'm' && order[3] == 'f');
}

/* ---- what wakes it ---- */

static CHANNEL(numbers, 4);

static intptr_t add_numbers(void *argument)
{
	intptr_t sum = 0;

	for (uintptr_t i = 0; i < (uintptr_t)argument; i++) {
		struct channel_recv receive;

		sum += block_on(channel_recv(&receive, &numbers));
	}
	return sum;
}

struct teller {
	struct future future;
	struct channel_send send;
	uint64_t i, count;
};

ASYNC(teller)
{
	ASYNC_BEGIN;
	for (me->i = 1; me->i <= me->count; me->i++)
		await(channel_send(&me->send, &numbers, me->i));
	ASYNC_FINALLY;
	ASYNC_END;
}

/* A task tells it to a thread; both wait for each other now and then. */
KERNEL_TEST(thread_and_task)
{
	struct thread *thread = thread_create_here(.name = "add", .run = add_numbers, .argument = (void *)1000);
	struct task *task = spawn_handle(teller, .count = 1000);
	struct task_join end;

	EXPECT(thread != NULL && task != NULL);
	EXPECT(join(thread) == 500500);
	EXPECT(block_on(task_join(&end, task)) == 0);
}

struct ask_thread {
	struct future future;
	struct thread_join join;
	struct thread *thread;
};

ASYNC(ask_thread)
{
	ASYNC_BEGIN;
	await(thread_join(&me->join, me->thread));
	async_return(me->future.child->ret);
	ASYNC_FINALLY;
	ASYNC_END;
}

KERNEL_TEST(thread_joined_by_a_task)
{
	struct thread *thread = thread_create_here(.name = "slow", .run = sleep_a_little, .argument = (void *)300);
	struct task *task = spawn_handle(ask_thread, .thread = thread);
	struct task_join end;

	EXPECT(thread != NULL && task != NULL);
	EXPECT(block_on(task_join(&end, task)) == 300);
}

static struct semaphore seat = SEMAPHORE("seat", 0);

static intptr_t sit(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	return block_on(semaphore_acquire(&acquire, &seat));
}

KERNEL_TEST(thread_kill)
{
	unsigned int alive = threads_alive();
	struct thread *thread = thread_create_here(.name = "sit", .run = sit);
	uint32_t generation;

	EXPECT(thread != NULL);
	generation = thread_generation(thread);
	EXPECT(WAIT_UNTIL(thread->state == THREAD_PARKED));
	EXPECT(!thread_kill(thread, generation + 1));
	EXPECT(thread_kill(thread, generation));
	EXPECT(join(thread) == -EINTR);
	EXPECT(!thread_kill(thread, generation));
	semaphore_release(&seat); /* nobody waits there any more */
	EXPECT(semaphore_try_acquire(&seat));
	EXPECT(threads_alive() == alive);
}

/* A wake of one that is over hits its slot, and its slot's next thread bears it. */
KERNEL_TEST(thread_late_wake)
{
	struct thread *thread = thread_create_here(.name = "first", .run = add_one), *next;
	struct waker *waker = &thread->waker;

	EXPECT(thread != NULL && join(thread) == 1);
	wake(waker);
	next = thread_create_here(.name = "second", .run = sleep_a_little, .argument = (void *)100);
	EXPECT(next == thread);
	wake(waker);
	EXPECT(join(next) == 100);
}
