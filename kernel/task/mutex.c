#include "task/mutex.h"

#include "task/executor.h"

void mutex_start(struct mutex *mutex, const char *name)
{
	mutex->owner = NULL;
	semaphore_start(&mutex->free, name, 1);
}

static enum poll lock_poll(struct future *future, struct waker *waker)
{
	struct mutex_lock *lock = (struct mutex_lock *)future;
	bool is_new = future->line == 0;
	enum poll poll = semaphore_poll_within(future, &lock->acquire, &lock->mutex->free, waker);

	if (waker == NULL)
		return READY;
	/* Either way somebody waits for somebody else than before. */
	if (is_new || poll == READY)
		task_note_wait(waker);
	if (poll == PENDING)
		return PENDING;
	__atomic_store_n(&lock->mutex->owner, waker, __ATOMIC_RELAXED);
	return future_ready(future, 0);
}

bool mutex_is_mine(const struct mutex *mutex)
{
	return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == executor_current_waker(executor_here());
}

void mutex_unlock(struct mutex *mutex)
{
	if (!mutex_is_mine(mutex))
		panic("Mutex \"%s\" is unlocked by somebody who does not hold it.", mutex->free.name);
	__atomic_store_n(&mutex->owner, NULL, __ATOMIC_RELAXED);
	semaphore_release(&mutex->free);
}

static bool lock_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	const struct mutex *mutex = ((const struct mutex_lock *)future)->mutex;

	*wait = (struct wait){
	        .what = "mutex", .name = mutex->free.name, .owner = __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED)};
	return index == 0;
}

const struct future_type mutex_lock_type = {lock_poll, "mutex_lock", __FILE__, lock_waits};
