#include "task/inheritance.h"

#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"

#define CHAIN_MAX 16 /* a circle of threads that wait for each other has no end */

/* Guards what threads and mutexes know of each other: lent_to, lent, next_lent; lent, wants. */
static struct spinlock lock = SPINLOCK(RANK_INHERITANCE, "inheritance");

/* Whose priority counts for what this wakes. */
static struct thread *thread_behind(const struct waker *waker)
{
	struct thread *thread;

	if (waker == NULL)
		return NULL;
	thread = thread_of((struct waker *)waker);
	return thread != NULL ? thread : ((struct executor *)(void *)waker->home)->thread; /* its first field */
}

/* Somebody waits who lends a priority, or did a moment ago. Who unlocks the mutex looks at it without the lock. */
static void note_lent(struct mutex *mutex, struct thread *holder)
{
	__atomic_store_n(&mutex->lent_to, holder, __ATOMIC_RELEASE);
}

static void link(struct mutex *mutex, struct thread *holder)
{
	note_lent(mutex, holder);
	mutex->next_lent = holder->lent;
	holder->lent = mutex;
}

static void unlink(struct mutex *mutex)
{
	struct mutex **at = &mutex->lent_to->lent;

	while (*at != mutex)
		at = &(*at)->next_lent;
	*at = mutex->next_lent;
}

/*
 * Who holds it, and the highest priority among those who wait; THREAD_FAIR: nobody of any. If that is the first to be
 * lent, this is noted before the holder can unlock: it will see it, and cannot be over before inheritance_settle() has
 * taken it back.
 */
static struct thread *lend(struct mutex *mutex)
{
	uint64_t flags = spin_lock(&mutex->free.lock);
	struct thread *holder = thread_behind(mutex->free.holder);

	mutex->priority = THREAD_FAIR;
	for (struct waiter *one = mutex->free.waiting.first; one != NULL; one = one->next) {
		uint8_t priority = thread_behind(one->waker)->priority;

		mutex->priority = priority > mutex->priority ? priority : mutex->priority;
	}
	if (mutex->lent_to == NULL && holder != NULL && mutex->priority > THREAD_FAIR)
		link(mutex, holder);
	spin_unlock(&mutex->free.lock, flags);
	return holder;
}

/* True if that changes it. */
static bool give_priority(struct thread *thread)
{
	uint8_t priority = thread->own_priority;

	for (const struct mutex *mutex = thread->lent; mutex != NULL; mutex = mutex->next_lent)
		priority = mutex->priority > priority ? mutex->priority : priority;
	if (priority == thread->priority)
		return false;
	scheduler_set_priority(thread, priority);
	return true;
}

/*
 * Returns what the holder waits for itself, if that has to be looked at, too. Only while something is lent for the
 * mutex do who has and who had it stay alive: so that ends last of all.
 */
static struct mutex *settle(struct mutex *mutex)
{
	struct thread *before = mutex->lent_to, *holder = lend(mutex);
	struct mutex *next = NULL;

	if (before != NULL && before != holder) {
		unlink(mutex);
		give_priority(before);
		if (holder != NULL)
			link(mutex, holder);
		else
			note_lent(mutex, NULL);
	}
	if (mutex->lent_to == NULL)
		return NULL;
	if (give_priority(holder))
		next = holder->wants;
	if (mutex->priority == THREAD_FAIR) {
		unlink(mutex);
		note_lent(mutex, NULL);
	}
	return next;
}

static void settle_chain(struct mutex *mutex)
{
	for (unsigned int length = 0; mutex != NULL && length < CHAIN_MAX; length++)
		mutex = settle(mutex);
}

void inheritance_wait(struct mutex *mutex, struct waker *waker, bool waits)
{
	uint64_t flags = spin_lock(&lock);
	struct thread *thread = thread_of(waker);

	if (thread != NULL)
		thread->wants = waits ? mutex : NULL;
	settle_chain(mutex);
	spin_unlock(&lock, flags);
}

void inheritance_settle(struct mutex *mutex)
{
	uint64_t flags = spin_lock(&lock);

	settle_chain(mutex);
	spin_unlock(&lock, flags);
}
