#include "task/semaphore.h"

#include "task/task.h"

void semaphore_start(struct semaphore *semaphore, const char *name, uint32_t permits)
{
	*semaphore = (struct semaphore){.name = name, .lock = {.rank = RANK_TASKS, .name = name}, .permits = permits};
}

static void append(struct semaphore *semaphore, struct semaphore_acquire *one)
{
	one->previous = semaphore->latest;
	one->next = NULL;
	*(one->previous != NULL ? &one->previous->next : &semaphore->first) = one;
	semaphore->latest = one;
	one->is_waiting = true;
}

static void unlink(struct semaphore *semaphore, struct semaphore_acquire *one)
{
	*(one->previous != NULL ? &one->previous->next : &semaphore->first) = one->next;
	*(one->next != NULL ? &one->next->previous : &semaphore->latest) = one->previous;
	one->is_waiting = false;
}

/* Returns who is to be woken when the lock is free: its task may even be over by then. */
static struct waker *hand_over(struct semaphore *semaphore)
{
	struct semaphore_acquire *one = semaphore->first;

	if (one == NULL) {
		semaphore->permits++;
		return NULL;
	}
	unlink(semaphore, one);
	one->is_granted = true;
	return one->waker;
}

void semaphore_release(struct semaphore *semaphore)
{
	uint64_t flags = spin_lock(&semaphore->lock);
	struct waker *waker = hand_over(semaphore);

	spin_unlock(&semaphore->lock, flags);
	CHAOS();
	if (waker != NULL)
		wake(waker);
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
	struct waker *waker = NULL;

	if (one->is_waiting)
		unlink(semaphore, one);
	else if (one->is_granted)
		waker = hand_over(semaphore);
	spin_unlock(&semaphore->lock, flags);
	if (waker != NULL)
		wake(waker);
}

/* True if the permit is there. */
static bool ask(struct semaphore_acquire *one, struct waker *waker, bool is_new)
{
	struct semaphore *semaphore = one->semaphore;
	uint64_t flags = spin_lock(&semaphore->lock);
	bool is_granted;

	if (is_new && semaphore->permits > 0) {
		semaphore->permits--;
		one->is_granted = true;
	} else if (is_new) {
		append(semaphore, one);
	}
	one->waker = waker;
	is_granted = one->is_granted;
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
	*wait = (struct wait){.what = "semaphore", .name = ((const struct semaphore_acquire *)future)->semaphore->name};
	return index == 0;
}

const struct future_type semaphore_acquire_type = {acquire_poll, "semaphore_acquire", __FILE__, acquire_waits};
