/*
 * Mutexes that threads of all priorities want; and priority inversion, which must not be.
 */
#include "abi/errno.h"
#include "core/cpus.h"
#include "stress.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"

static void lock(struct mutex *mutex)
{
	struct mutex_lock lock = {.has_waited = false};

	block_on(mutex_lock(&lock, mutex));
}

static void take(struct semaphore *semaphore)
{
	struct semaphore_acquire acquire;

	block_on(semaphore_acquire(&acquire, semaphore));
}

/* ---- one or two mutexes at a time, always in the same order -------------------------------------------------------
 */

#define TABLES  3
#define WRITERS 9
#define WRITES  30

static struct table {
	struct mutex mutex;
	uint32_t writers, writes; /* inside now; so far: guarded by the mutex */
} tables[TABLES];

static bool unlocks_twice;

static void enter(struct table *table)
{
	lock(&table->mutex);
	if (table->writers++ != 0)
		stress_fail("%u hold a mutex", table->writers);
}

static void leave(struct table *table)
{
	table->writers--;
	table->writes++;
	mutex_unlock(&table->mutex);
	if (__atomic_exchange_n(&unlocks_twice, false, __ATOMIC_RELAXED))
		mutex_unlock(&table->mutex);
}

static intptr_t write(void *argument)
{
	uint64_t dice = (uint64_t)(uintptr_t)argument;

	for (unsigned int i = 0; i < WRITES; i++) {
		uint32_t first = stress_roll(&dice, TABLES), second = first + 1 + stress_roll(&dice, TABLES);

		enter(&tables[first]);
		if (second < TABLES)
			enter(&tables[second]);
		if (stress_roll(&dice, 2) == 0)
			scheduler_yield();
		if (second < TABLES)
			leave(&tables[second]);
		leave(&tables[first]);
		stress_step();
	}
	return thread_current()->priority - thread_current()->own_priority;
}

static uint8_t any_priority(uint64_t *dice)
{
	return stress_roll(dice, 2) == 0 ? THREAD_FAIR : (uint8_t)(THREAD_REAL_TIME + stress_roll(dice, 20));
}

/* The bug: somebody unlocks a mutex twice. */
void storm_mutexes(const struct storm *storm)
{
	struct thread *threads[WRITERS];
	uint64_t dice = storm->seed;

	for (unsigned int i = 0; i < TABLES; i++) {
		tables[i] = (struct table){.writers = 0};
		mutex_start(&tables[i].mutex, "table");
	}
	unlocks_twice = storm->has_bug;
	for (unsigned int i = 0; i < WRITERS; i++) {
		struct cpu_set place = stress_place(&dice, 2);

		threads[i] =
		        stress_thread(.name = "writer", .run = write, .argument = (void *)(storm->seed * WRITERS + i),
		                .priority = any_priority(&dice), .affinity = &place);
	}
	for (unsigned int i = 0; i < WRITERS; i++) {
		if (stress_join(threads[i]) != 0)
			stress_fail("a thread keeps a priority that was lent to it");
	}
	for (unsigned int i = 0; i < TABLES; i++) {
		if (tables[i].mutex.free.permits != 1 || tables[i].mutex.lent_to != NULL)
			stress_fail("mutex %u is not free in the end", i);
	}
}

/* ---- inversion: low holds what high wants, and one in between would run instead, on the same CPU ------------------
 */

#define INVERSIONS 12
#define PATIENCE   20000000u /* so long the one in between runs if nobody stops it */

enum { MIDDLE = 5, HIGH = 10 };

static struct mutex first = MUTEX("first"), second = MUTEX("second");
static struct semaphore holds = SEMAPHORE("holds", 0), go_on = SEMAPHORE("go on", 0), start = SEMAPHORE("start", 0);
static bool is_through, was_in_time, lends_nothing;

static intptr_t be_low(void *argument)
{
	(void)argument;
	lock(&first);
	semaphore_release(&holds);
	take(&go_on);
	mutex_unlock(&first);
	return thread_current()->priority;
}

/* Holds the second, and waits for the first. */
static intptr_t be_between_both(void *argument)
{
	(void)argument;
	lock(&second);
	semaphore_release(&holds);
	lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return thread_current()->priority;
}

static intptr_t be_middle(void *argument)
{
	(void)argument;
	take(&start);
	for (unsigned int i = 0; i < PATIENCE && !__atomic_load_n(&is_through, __ATOMIC_RELAXED); i++)
		;
	was_in_time = __atomic_load_n(&is_through, __ATOMIC_RELAXED);
	return 0;
}

/* Everybody it wakes is of a lower priority: so nobody runs before it waits itself. */
static intptr_t be_high(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	semaphore_release(&start);
	semaphore_release(&go_on);
	if (lends_nothing)
		block_on(semaphore_acquire(&acquire, &second.free)); /* the mutex's own, so that it is not told */
	else
		lock(&second);
	__atomic_store_n(&is_through, true, __ATOMIC_RELAXED);
	mutex_unlock(&second);
	return 0;
}

static void invert(uint32_t cpu)
{
	struct cpu_set place = stress_only(cpu);
	struct thread *low, *between, *middle, *high;

	is_through = was_in_time = false;
	low = stress_thread(.name = "low", .run = be_low, .affinity = &place);
	take(&holds);
	between = stress_thread(.name = "low too", .run = be_between_both, .affinity = &place);
	take(&holds);
	middle = stress_thread(.name = "middle", .run = be_middle, .affinity = &place, .priority = MIDDLE);
	high = stress_thread(.name = "high", .run = be_high, .affinity = &place, .priority = HIGH);
	stress_join(high);
	stress_join(middle);
	if (!was_in_time)
		stress_fail("CPU %u: one of the highest priority waited for one in between", cpu);
	if (stress_join(low) != THREAD_FAIR || stress_join(between) != THREAD_FAIR)
		stress_fail("CPU %u: a priority that was lent was not given back", cpu);
	stress_step();
}

/* The bug: a lock that lends no priority. */
void storm_inversion(const struct storm *storm)
{
	uint64_t dice = storm->seed;

	lends_nothing = storm->has_bug;
	for (unsigned int i = 0; i < INVERSIONS; i++)
		invert(stress_roll(&dice, cpus_online()));
}
