#include "task/task.h"

#include "abi/errno.h"
#include "mm/heap.h"
#include "preempt.h"
#include "task/executor.h"

#define CHUNK 4096u /* as much is asked of the heap at once */

_Static_assert(CHUNK >= TASK_SLOT_MAX, "a chunk holds one slot of each class");

static struct executor *executor_of(struct task *task)
{
	return (struct executor *)(void *)task->waker.home; /* its first field */
}

/* Its own CPU's list needs no order; what another CPU gives back waits beside it, until the own list is empty. */
static void give_back(struct task *task)
{
	struct executor *home = executor_of(task);
	struct task **list = &home->returned[task->class], *first;

	preempt_disable();
	if (home == executor_here()) {
		task->next_free = home->free[task->class];
		home->free[task->class] = task;
		preempt_enable();
		return;
	}
	preempt_enable();
	first = __atomic_load_n(list, __ATOMIC_RELAXED);
	do {
		task->next_free = first;
		CHAOS();
	} while (!__atomic_compare_exchange_n(list, &first, task, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

static struct task *take(struct executor *here, unsigned int class)
{
	struct task *task = here->free[class];

	if (task == NULL && __atomic_load_n(&here->returned[class], __ATOMIC_RELAXED) != NULL)
		task = __atomic_exchange_n(&here->returned[class], NULL, __ATOMIC_ACQUIRE);
	if (task != NULL)
		here->free[class] = task->next_free;
	return task;
}

void task_add_slots(struct executor *executor, void *memory, size_t size, unsigned int class)
{
	for (size_t at = 0; at < size; at += (size_t)TASK_SLOT_MIN << class) {
		struct task *task = (struct task *)(void *)((char *)memory + at);

		*task = (struct task){.waker.home = &executor->queue, .class = (uint8_t) class};
		task->next_slot = executor->slots;
		__atomic_store_n(&executor->slots, task, __ATOMIC_RELEASE);
		give_back(task);
	}
}

static bool grow(struct executor *executor, unsigned int class)
{
	void *memory = kmalloc(CHUNK);

	if (memory == NULL)
		return false;
	task_add_slots(executor, memory, CHUNK, class);
	return true;
}

struct task *task_allocate(size_t frame)
{
	struct executor *executor;
	unsigned int class = 0;
	struct task *task;

	while (((size_t)TASK_SLOT_MIN << class) - sizeof(struct task) < frame)
		class ++;
	preempt_disable(); /* the lists are this CPU's alone, not this thread's */
	executor = executor_here();
	task = take(executor, class);
	if (task == NULL && grow(executor, class))
		task = take(executor, class);
	preempt_enable();
	return task;
}

/* It may be queued already, by a wake that came too late for the task before it. */
struct task *task_start(struct task *task, uint64_t handle)
{
	task->polls = 0;
	task->ticks = 0;
	task->waits_anew = false;
	preempt_disable(); /* as in wake() */
	if (!(__atomic_fetch_or(&task->waker.state, WAKER_LIVE | WAKER_QUEUED | handle, __ATOMIC_ACQ_REL) &
	            WAKER_QUEUED))
		run_queue_push(task->waker.home, &task->waker);
	preempt_enable();
	return task;
}

/* Whoever clears the last of WAKER_LIVE and WAKER_HANDLE gives the slot back. */
void task_finish(struct task *task)
{
	uint64_t over, state = __atomic_load_n(&task->waker.state, __ATOMIC_RELAXED);

	do {
		over = (state & ~(uint64_t)(WAKER_LIVE | WAKER_CANCEL)) + WAKER_GENERATION;
		CHAOS();
	} while (!__atomic_compare_exchange_n(
	        &task->waker.state, &state, over, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (over & WAKER_HANDLE)
		atomic_waker_wake(&task->joiner);
	else
		give_back(task);
}

void task_drop_handle(struct task *task)
{
	uint64_t state = __atomic_fetch_and(&task->waker.state, ~(uint64_t)WAKER_HANDLE, __ATOMIC_ACQ_REL);

	if (!(state & WAKER_HANDLE))
		panic("The handle of task %s is given back twice.", task_future(task)->type->name);
	if (!(state & WAKER_LIVE))
		give_back(task);
}

bool task_cancel(struct task *task, uint32_t generation)
{
	uint64_t state = __atomic_load_n(&task->waker.state, __ATOMIC_RELAXED);

	do {
		if (!(state & WAKER_LIVE) || state >> 32 != generation)
			return false;
		CHAOS();
	} while (!__atomic_compare_exchange_n(
	        &task->waker.state, &state, state | WAKER_CANCEL, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	wake(&task->waker);
	return true;
}

bool task_has_enough(struct task *task)
{
	task->budget = 0;
	wake(&task->waker);
	return false;
}

void task_note_wait(struct waker *waker)
{
	struct task *task = task_of(waker);

	if (task != NULL)
		task->waits_anew = true;
}

static enum poll join_poll(struct future *future, struct waker *waker)
{
	struct task_join *join = (struct task_join *)future;
	struct task *task = join->task;

	if (waker == NULL) {
		if (future->line != 0)
			atomic_waker_cancel(&task->joiner, join->waker);
		return READY;
	}
	if (future->line == 0)
		task_note_wait(waker);
	future->line = 1;
	join->waker = waker;
	atomic_waker_register(&task->joiner, waker);
	if (__atomic_load_n(&task->waker.state, __ATOMIC_ACQUIRE) & WAKER_LIVE)
		return PENDING;
	atomic_waker_cancel(&task->joiner, waker);
	future_ready(future, task_future(task)->ret);
	task_drop_handle(task);
	return READY;
}

static bool join_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	struct task *task = ((const struct task_join *)future)->task;

	*wait = (struct wait){.what = "task", .name = task_future(task)->type->name, .owner = &task->waker};
	return index == 0;
}

const struct future_type task_join_type = {join_poll, "task_join", __FILE__, join_waits};
