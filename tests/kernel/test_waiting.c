/*
 * Conditions, read-write locks, what is made once, and a value under a sequence lock: used by threads of all CPUs at
 * the same time, some of which are killed while they wait.
 */
#include "kernel_test.h"

#include "abi/errno.h"
#include "core/cpus.h"
#include "core/seqlock.h"
#include "everywhere.h"
#include "task/condition.h"
#include "task/executor.h"
#include "task/once.h"
#include "task/rwlock.h"
#include "task/scheduler.h"
#include "task/sleep.h"
#include "threads.h"

#define THREADS 6u
#define TURNS   60u

static struct thread *threads[THREADS];

static void start(const char *name, intptr_t (*run)(void *argument))
{
	for (uintptr_t i = 0; i < THREADS; i++) {
		threads[i] = thread_create(.name = name, .run = run, .argument = (void *)i);
		EXPECT(threads[i] != NULL);
	}
}

/* The sum of what they return. */
static intptr_t join_all(void)
{
	intptr_t sum = 0;

	for (unsigned int i = 0; i < THREADS; i++)
		sum += join(threads[i]);
	return sum;
}

/* Until the condition holds, or for some seconds. */
#define WAIT_UNTIL(condition)                                                                                          \
	do {                                                                                                           \
		struct sleep sleep_;                                                                                   \
		for (unsigned int i_ = 0; i_ < 5000 && !(condition); i_++)                                             \
			block_on(sleep_for(&sleep_, NS_PER_SECOND / 1000));                                            \
		EXPECT(condition);                                                                                     \
	} while (0)

static void lock(struct mutex *mutex)
{
	struct mutex_lock future;

	block_on(mutex_lock(&future, mutex));
}

/* ---- conditions ---- */

static struct mutex table = MUTEX("table");
static struct condition meal = CONDITION("meal"), room = CONDITION("room");
static bool has_plate; /* guarded by the mutex */

/* Every other one cooks. One plate, so that nearly each turn waits for another thread. */
static intptr_t cook_or_eat(void *argument)
{
	bool cooks = (uintptr_t)argument % 2 == 0;
	intptr_t turns = 0;

	for (unsigned int i = 0; i < TURNS; i++) {
		struct condition_wait wait;

		lock(&table);
		while (has_plate == cooks) {
			if (block_on(condition_wait(&wait, cooks ? &room : &meal, &table)) != 0)
				return -1;
		}
		has_plate = cooks;
		condition_signal(cooks ? &meal : &room);
		turns += mutex_is_mine(&table);
		mutex_unlock(&table);
	}
	return turns;
}

KERNEL_TEST(waiting_for_meals_and_room)
{
	everywhere_start(info);
	has_plate = false;
	start("guest", cook_or_eat);
	EXPECT(join_all() == THREADS * TURNS && !has_plate);
	EXPECT(meal.waiting.first == NULL && room.waiting.first == NULL && table.free.permits == 1);
}

static uint32_t woken;

static intptr_t wait_for_meal(void *argument)
{
	struct condition_wait wait;
	intptr_t result;

	(void)argument;
	lock(&table);
	result = block_on(condition_wait(&wait, &meal, &table));
	if (result == 0) {
		woken++;
		mutex_unlock(&table);
	}
	return result;
}

static unsigned int count_waiting(struct spinlock *guard, const struct wait_list *list)
{
	uint64_t flags = spin_lock(guard);
	unsigned int count = 0;

	for (const struct waiter *one = list->first; one != NULL; one = one->next)
		count++;
	spin_unlock(guard, flags);
	return count;
}

/* Who is killed leaves the list and has no mutex; the others are all woken at once. */
KERNEL_TEST(waiting_threads_are_killed_and_woken)
{
	everywhere_start(info);
	woken = 0;
	start("guest", wait_for_meal);
	WAIT_UNTIL(count_waiting(&meal.lock, &meal.waiting) == THREADS);
	EXPECT(thread_kill(threads[1], thread_generation(threads[1])));
	EXPECT(thread_kill(threads[4], thread_generation(threads[4])));
	WAIT_UNTIL(count_waiting(&meal.lock, &meal.waiting) == THREADS - 2);
	condition_broadcast(&meal);
	EXPECT(join_all() == 2 * -EINTR && woken == THREADS - 2);
	EXPECT(meal.waiting.first == NULL && table.free.permits == 1 && !condition_signal(&meal));
}

/* ---- reading and writing ---- */

static struct rwlock page = RWLOCK("page");
static uint32_t left, right; /* guarded by the lock */

/* Every third one writes. */
static intptr_t read_or_write(void *argument)
{
	bool writes = (uintptr_t)argument % 3 == 0;
	intptr_t right_turns = 0;

	for (unsigned int i = 0; i < TURNS; i++) {
		struct rwlock_enter enter;

		block_on(writes ? rwlock_write(&enter, &page) : rwlock_read(&enter, &page));
		right_turns += left == right;
		left += writes;
		scheduler_yield();
		right += writes;
		right_turns += left == right;
		rwlock_unlock(&page);
	}
	return right_turns;
}

KERNEL_TEST(waiting_to_read_and_write)
{
	everywhere_start(info);
	left = right = 0;
	start("visitor", read_or_write);
	EXPECT(join_all() == 2 * THREADS * TURNS && left == THREADS / 3 * TURNS);
	EXPECT(page.readers == 0 && page.writer == NULL && page.waiting.first == NULL);
}

static intptr_t write_once(void *argument)
{
	struct rwlock_enter enter;
	intptr_t result = block_on(rwlock_write(&enter, &page));

	(void)argument;
	if (result == 0)
		rwlock_unlock(&page);
	return result;
}

static intptr_t read_once(void *argument)
{
	struct rwlock_enter enter;
	intptr_t result = block_on(rwlock_read(&enter, &page));

	(void)argument;
	if (result == 0)
		rwlock_unlock(&page);
	return result;
}

/* A writer waits behind a reader, and another reader behind the writer: without the writer nothing is in its way. */
KERNEL_TEST(waiting_writer_is_killed)
{
	struct rwlock_enter enter;
	struct thread *writer, *reader;

	everywhere_start(info);
	block_on(rwlock_read(&enter, &page));
	writer = thread_create(.name = "writer", .run = write_once);
	WAIT_UNTIL(page.waiting.first != NULL);
	reader = thread_create(.name = "reader", .run = read_once);
	WAIT_UNTIL(count_waiting(&page.lock, &page.waiting) == 2);
	EXPECT(thread_kill(writer, thread_generation(writer)));
	EXPECT(join(writer) == -EINTR && join(reader) == 0);
	rwlock_unlock(&page);
	EXPECT(page.readers == 0 && page.writer == NULL && page.waiting.first == NULL);
}

/* ---- what is made once ---- */

static struct once thing;
static uint32_t made, value; /* guarded by it */

static intptr_t need(void *argument)
{
	struct once_begin begin;
	struct sleep sleep;

	(void)argument;
	if (block_on(once_begin(&begin, &thing)) == 1) {
		block_on(sleep_for(&sleep, NS_PER_SECOND / 100));
		made++;
		value = 42;
		once_end(&thing, true);
	}
	return value;
}

KERNEL_TEST(waiting_for_what_is_made_once)
{
	everywhere_start(info);
	thing = (struct once)ONCE("thing");
	made = value = 0;
	start("user", need);
	EXPECT(join_all() == 42 * THREADS && made == 1);
}

/* ---- what nobody waits for ---- */

#define WRITES 2000u

struct triple {
	uint64_t words[3];
};
static SEQLOCK(struct triple) triple;
static uint32_t torn;

/* CPU 0 writes, the others read until they have seen the last one. */
static void write_or_read_triple(void)
{
	struct triple read = {{0}};

	if (percpu_cpu() == 0) {
		for (uint64_t i = 1; i <= WRITES; i++)
			seqlock_write(&triple, (&(struct triple){{i, i, i}}));
		return;
	}
	while (read.words[0] != WRITES) {
		read = seqlock_read(&triple);
		if (read.words[1] != read.words[0] || read.words[2] != read.words[0])
			__atomic_fetch_add(&torn, 1, __ATOMIC_RELAXED);
	}
}

KERNEL_TEST(waiting_for_nobody_to_read_a_value)
{
	NEEDS_OTHERS(info);
	torn = 0;
	seqlock_write(&triple, (&(struct triple){{0}}));
	everywhere_run(write_or_read_triple);
	EXPECT(torn == 0);
}
