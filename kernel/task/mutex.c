#include "task/mutex.h"

#include "task/executor.h"
#include "task/inheritance.h"

void mutex_start(struct mutex *mutex, const char *name)
{
	*mutex = (struct mutex){.lent_to = NULL};
	semaphore_start(&mutex->free, name, 1);
}

static enum poll lock_poll(struct future *future, struct waker *waker)
{
	struct mutex_lock *lock = (struct mutex_lock *)future;
	bool has_waited = lock->has_waited;
	enum poll poll = semaphore_poll_within(future, &lock->acquire, &lock->mutex->free, waker);

	/* Not whose budget was spent before it could ask. */
	lock->has_waited = future_is_pending(&lock->acquire.future);
	if (lock->has_waited != has_waited)
		inheritance_wait(lock->mutex, lock->acquire.waiter.waker, lock->has_waited);
	if (waker == NULL)
		return READY;
	/* Either way somebody waits for somebody else than before. */
	if (lock->has_waited != has_waited || poll == READY)
		task_note_wait(waker);
	if (poll == PENDING)
		return PENDING;
	return future_ready(future, 0);
}

bool mutex_is_mine(const struct mutex *mutex)
{
	return __atomic_load_n(&mutex->free.holder, __ATOMIC_RELAXED) == executor_current_waker();
}

void mutex_unlock(struct mutex *mutex)
{
	if (!mutex_is_mine(mutex))
		panic("Mutex \"%s\" is unlocked by somebody who does not hold it.", mutex->free.name);
	semaphore_release(&mutex->free);
	if (__atomic_load_n(&mutex->lent_to, __ATOMIC_ACQUIRE) != NULL)
		inheritance_settle(mutex);
}

static bool lock_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	const struct mutex_lock *lock = (const struct mutex_lock *)future;
	const struct waker *owner = __atomic_load_n(&lock->mutex->free.holder, __ATOMIC_RELAXED);

	*wait = (struct wait){.what = "mutex",
	        .name = lock->mutex->free.name,
	        .owner = waiter_is_granted(&lock->acquire.waiter) ? NULL : owner,
	        .is_owed = true};
	return index == 0;
}

const struct future_type mutex_lock_type = {lock_poll, "mutex_lock", __FILE__, lock_waits};
