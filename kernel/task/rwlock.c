#include "task/rwlock.h"

#include "core/panic.h"
#include "task/executor.h"
#include "task/task.h"

void rwlock_start(struct rwlock *rwlock, const char *name)
{
	*rwlock = (struct rwlock){.name = name, .lock = {.rank = RANK_TASKS, .name = name}};
}

/* ---- with the lock ---- */

static bool is_open_to(const struct rwlock *rwlock, const struct waiter *one)
{
	return rwlock->writer == NULL && (rwlock->readers == 0 || !one->is_exclusive);
}

static void count_in(struct rwlock *rwlock, const struct waiter *one)
{
	if (one->is_exclusive)
		__atomic_store_n(&rwlock->writer, one->waker, __ATOMIC_RELAXED); /* it is looked at without the lock */
	else
		rwlock->readers++;
}

static void count_out(struct rwlock *rwlock)
{
	if (rwlock->writer != NULL)
		__atomic_store_n(&rwlock->writer, NULL, __ATOMIC_RELAXED);
	else
		rwlock->readers--;
}

static bool may_let_in(const struct rwlock *rwlock)
{
	return rwlock->waiting.first != NULL && is_open_to(rwlock, rwlock->waiting.first);
}

static bool let_one_in(struct rwlock *rwlock)
{
	if (!may_let_in(rwlock))
		return false;
	count_in(rwlock, rwlock->waiting.first);
	wait_list_grant(&rwlock->waiting);
	return true;
}

/* ---- without ---- */

/* Gives the lock back. One by one, so that it is never held for long. */
static void let_in(struct rwlock *rwlock, uint64_t flags)
{
	while (let_one_in(rwlock) && may_let_in(rwlock)) {
		spin_unlock(&rwlock->lock, flags);
		CHAOS();
		flags = spin_lock(&rwlock->lock);
	}
	spin_unlock(&rwlock->lock, flags);
}

bool rwlock_is_mine(const struct rwlock *rwlock)
{
	return __atomic_load_n(&rwlock->writer, __ATOMIC_RELAXED) == executor_current_waker();
}

void rwlock_unlock(struct rwlock *rwlock)
{
	uint64_t flags = spin_lock(&rwlock->lock);
	bool is_wrong = rwlock->writer != NULL ? !rwlock_is_mine(rwlock) : rwlock->readers == 0;

	if (!is_wrong)
		count_out(rwlock);
	let_in(rwlock, flags);
	if (is_wrong)
		panic("Lock \"%s\" is unlocked by somebody who is not inside.", rwlock->name);
}

static void give_up(struct rwlock_enter *enter)
{
	struct rwlock *rwlock = enter->rwlock;
	uint64_t flags = spin_lock(&rwlock->lock);

	if (enter->waiter.is_granted)
		count_out(rwlock);
	else
		wait_list_remove(&rwlock->waiting, &enter->waiter);
	let_in(rwlock, flags); /* readers may have waited for nothing but this writer */
}

/* True if the caller is inside. */
static bool ask(struct rwlock_enter *enter, struct waker *waker, bool is_new)
{
	struct rwlock *rwlock = enter->rwlock;
	uint64_t flags = spin_lock(&rwlock->lock);
	bool is_inside;

	enter->waiter.waker = waker;
	if (is_new && rwlock->waiting.first == NULL && is_open_to(rwlock, &enter->waiter)) {
		count_in(rwlock, &enter->waiter);
		enter->waiter.is_granted = true;
	} else if (is_new) {
		wait_list_append(&rwlock->waiting, &enter->waiter);
	}
	is_inside = enter->waiter.is_granted;
	spin_unlock(&rwlock->lock, flags);
	return is_inside;
}

static enum poll enter_poll(struct future *future, struct waker *waker)
{
	struct rwlock_enter *enter = (struct rwlock_enter *)future;
	bool is_new = future->line == 0;

	if (waker == NULL) {
		if (!is_new)
			give_up(enter);
		return READY;
	}
	if (is_new && !task_charge(waker))
		return PENDING;
	future->line = 1;
	if (ask(enter, waker, is_new))
		return future_ready(future, 0);
	if (is_new)
		task_note_wait(waker);
	return PENDING;
}

/* Only a writer is known by name. */
static bool enter_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	const struct rwlock_enter *enter = (const struct rwlock_enter *)future;
	const struct waker *writer = __atomic_load_n(&enter->rwlock->writer, __ATOMIC_RELAXED);

	*wait = (struct wait){.what = enter->waiter.is_exclusive ? "leave to write" : "leave to read",
	        .name = enter->rwlock->name,
	        .owner = waiter_is_granted(&enter->waiter) ? NULL : writer,
	        .is_owed = true};
	return index == 0;
}

const struct future_type rwlock_enter_type = {enter_poll, "rwlock_enter", __FILE__, enter_waits};
