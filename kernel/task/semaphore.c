#include "task/semaphore.h"

#include "task/task.h"

void semaphore_start(struct semaphore *semaphore, const char *name, uint32_t permits)
{
	*semaphore = (struct semaphore){.name = name, .lock = {.rank = RANK_TASKS, .name = name}, .permits = permits};
}

/* It is looked at without the lock, too (task/wait_graph.h). */
static void set_holder(struct semaphore *semaphore, struct waker *holder)
{
	__atomic_store_n(&semaphore->holder, holder, __ATOMIC_RELAXED);
}

/* With the lock. */
static void hand_over(struct semaphore *semaphore)
{
	const struct waiter *first = semaphore->waiting.first;

	set_holder(semaphore, first != NULL ? first->waker : NULL);
	if (first != NULL)
		wait_list_grant(&semaphore->waiting);
	else
		semaphore->permits++;
}

void semaphore_release(struct semaphore *semaphore)
{
	uint64_t flags = spin_lock(&semaphore->lock);

	hand_over(semaphore);
	spin_unlock(&semaphore->lock, flags);
}

bool semaphore_try_acquire(struct semaphore *semaphore)
{
	uint64_t flags = spin_lock(&semaphore->lock);
	bool is_granted = semaphore->permits > 0;

	if (is_granted)
		semaphore->permits--;
	spin_unlock(&semaphore->lock, flags);
	return is_granted;
}

static void give_up(struct semaphore_acquire *one)
{
	struct semaphore *semaphore = one->semaphore;
	uint64_t flags = spin_lock(&semaphore->lock);

	if (one->waiter.is_granted)
		hand_over(semaphore);
	else
		wait_list_remove(&semaphore->waiting, &one->waiter);
	spin_unlock(&semaphore->lock, flags);
}

/* True if the permit is there. */
static bool ask(struct semaphore_acquire *one, struct waker *waker, bool is_new)
{
	struct semaphore *semaphore = one->semaphore;
	uint64_t flags = spin_lock(&semaphore->lock);
	bool is_granted;

	if (is_new && semaphore->permits > 0) {
		semaphore->permits--;
		set_holder(semaphore, waker);
		one->waiter.is_granted = true;
	} else if (is_new) {
		wait_list_append(&semaphore->waiting, &one->waiter);
	}
	one->waiter.waker = waker;
	is_granted = one->waiter.is_granted;
	spin_unlock(&semaphore->lock, flags);
	return is_granted;
}

static enum poll acquire_poll(struct future *future, struct waker *waker)
{
	struct semaphore_acquire *one = (struct semaphore_acquire *)future;
	bool is_new = future->line == 0;

	if (waker == NULL) {
		if (!is_new)
			give_up(one);
		return READY;
	}
	if (is_new && !task_charge(waker))
		return PENDING;
	future->line = 1;
	return ask(one, waker, is_new) ? future_ready(future, 0) : PENDING;
}

enum poll semaphore_poll_within(
        struct future *outer, struct semaphore_acquire *inner, struct semaphore *semaphore, struct waker *waker)
{
	if (waker == NULL) {
		if (outer->line != 0)
			future_drop(&inner->future);
		return READY;
	}
	if (outer->line == 0)
		(void)semaphore_acquire(inner, semaphore);
	outer->line = 1;
	return future_poll(&inner->future, waker);
}

static bool acquire_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	*wait = (struct wait){.what = "semaphore",
	        .name = ((const struct semaphore_acquire *)future)->semaphore->name,
	        .is_owed = true};
	return index == 0;
}

const struct future_type semaphore_acquire_type = {acquire_poll, "semaphore_acquire", __FILE__, acquire_waits};
