/*
 * Priority inversion, and what ends it: a thread of the lowest class holds what one of the highest wants, and one in
 * between would not let it go on.
 */
#include "kernel_test.h"

#include "first_cpu.h"

#include "abi/errno.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"
#include "task/sleep.h"
#include "threads.h"

enum { LOW = THREAD_FAIR, MIDDLE = 5, HIGH = 10, HIGHEST = 20 };

/* So long the one in between goes on if nobody interferes. It has to end: it has a higher priority than the test. */
#define PATIENCE 20000000u

static struct mutex first = MUTEX("first"), second = MUTEX("second");
static struct semaphore holds = SEMAPHORE("holds", 0), go_on = SEMAPHORE("go on", 0);
static volatile bool is_through;
static bool was_in_time;
static unsigned int lent;

static void lock(struct mutex *mutex)
{
	struct mutex_lock lock;

	block_on(mutex_lock(&lock, mutex));
}

static void take(struct semaphore *semaphore)
{
	struct semaphore_acquire acquire;

	block_on(semaphore_acquire(&acquire, semaphore));
}

static intptr_t hold_first(void *argument)
{
	(void)argument;
	lock(&first);
	semaphore_release(&holds);
	take(&go_on);
	lent = thread_current()->priority;
	mutex_unlock(&first);
	return thread_current()->priority;
}

/* Holds the second and waits for the first. */
static intptr_t hold_second(void *argument)
{
	(void)argument;
	lock(&second);
	semaphore_release(&holds);
	lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return thread_current()->priority;
}

static intptr_t hog(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < PATIENCE && !is_through; i++)
		;
	was_in_time = is_through;
	return 0;
}

static intptr_t want(void *argument)
{
	struct mutex *mutex = argument;
	struct mutex_lock lock;

	if (block_on(mutex_lock(&lock, mutex)) != 0)
		return -EINTR;
	is_through = true;
	mutex_unlock(mutex);
	return 0;
}

struct cast {
	struct thread *low, *between, *middle, *high;
	struct mutex *wanted;
};

/* From above: all are there, and the one in between is about to run, when the scene begins. */
static intptr_t begin_scene(void *argument)
{
	struct cast *cast = argument;

	cast->high = thread_create_here(.name = "high", .run = want, .argument = cast->wanted, .priority = HIGH);
	semaphore_release(&go_on);
	cast->middle = thread_create_here(.name = "middle", .run = hog, .priority = MIDDLE);
	return 0;
}

static void play(struct cast *cast)
{
	is_through = was_in_time = false;
	join(thread_create_here(.name = "director", .run = begin_scene, .argument = cast, .priority = HIGHEST));
	join(cast->high);
	join(cast->middle);
}

KERNEL_TEST(inheritance)
{
	struct cast cast = {.wanted = &first};

	cast.low = thread_create_here(.name = "low", .run = hold_first);
	EXPECT(cast.low != NULL);
	take(&holds);
	play(&cast);
	EXPECT(was_in_time);
	EXPECT(join(cast.low) == LOW && lent == HIGH);
}

/* The highest waits for one who waits himself. */
KERNEL_TEST(inheritance_along_a_chain)
{
	struct cast cast = {.wanted = &second};
	struct sleep sleep;

	cast.low = thread_create_here(.name = "low", .run = hold_first);
	take(&holds);
	cast.between = thread_create_here(.name = "between", .run = hold_second);
	take(&holds);
	EXPECT(cast.low != NULL && cast.between != NULL);
	for (unsigned int i = 0; i < 5000 && cast.between->wants != &first; i++)
		block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
	EXPECT(cast.between->wants == &first);
	play(&cast);
	EXPECT(was_in_time);
	EXPECT(join(cast.low) == LOW && join(cast.between) == LOW && lent == HIGH);
}

/* Who waited gives up: what was lent goes back. */
KERNEL_TEST(inheritance_ends_with_the_wait)
{
	struct thread *low = thread_create_here(.name = "low", .run = hold_first), *high;

	EXPECT(low != NULL);
	take(&holds);
	high = thread_create_here(.name = "high", .run = want, .argument = &first, .priority = HIGH);
	EXPECT(high != NULL && low->priority == HIGH);
	EXPECT(thread_kill(high, thread_generation(high)));
	EXPECT(join(high) == -EINTR && low->priority == LOW);
	semaphore_release(&go_on);
	EXPECT(join(low) == LOW && lent == LOW);
}
