/*
 * A task: a future that the executor of one CPU polls until it is done. Its slot is a header, which is for ever, and a
 * frame, which is as mortal as the future in it. The header's waker may be woken at any time, by anybody who once got
 * hold of it: at worst that polls the slot's next task once for nothing.
 *
 * Slots come in classes by the size of the frame, the first ones from static storage, more from the heap; a slot that
 * is free again waits for the next task of its class and never goes back.
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "task/future.h"

#define TASK_SLOT_MIN     256u
#define TASK_SLOT_CLASSES 5u
#define TASK_SLOT_MAX     (TASK_SLOT_MIN << (TASK_SLOT_CLASSES - 1))
#define TASK_FRAME_MAX    (TASK_SLOT_MAX - sizeof(struct task))

/* How often in one poll a leaf may be ready at once. Then it is the turn of other tasks. */
#define TASK_BUDGET 128

struct task {
	struct waker waker;         /* first */
	struct atomic_waker joiner; /* who waits for the result */
	struct task *next_free;     /* in its executor's list of free slots */
	struct task *next_slot;     /* of this executor's, all there are */
	uint64_t ticks;             /* of the time-stamp counter, spent in polls */
	uint32_t polls;
	int16_t budget; /* what is left of it in this poll */
	uint8_t class;
	bool waits_anew; /* this poll began to wait for something that has an owner */
};

_Static_assert(sizeof(struct task) == 64, "one line of the cache");

/* [any] */
static inline struct future *task_future(struct task *task)
{
	return (struct future *)(void *)(task + 1);
}

/* [irq] The task that is woken by this; NULL: none, but a thread. */
static inline struct task *task_of(struct waker *waker)
{
	bool is_task = (__atomic_load_n(&waker->state, __ATOMIC_RELAXED) & WAKER_LIVE) != 0;

	return is_task ? (struct task *)(void *)waker : NULL;
}

/* [task] The rare half of task_charge: the budget is spent. Queues the task again; returns false. */
bool task_has_enough(struct task *task);

/*
 * [task] For a leaf that may be ready again and again, before it is: false if its task has had enough for now. Then the
 * leaf returns PENDING; the task is queued already, behind the others.
 */
static inline bool task_charge(struct waker *waker)
{
	struct task *task = task_of(waker);

	return task == NULL || task->budget-- > 0 || task_has_enough(task);
}

/* [task] For a leaf that begins to wait for something that has an owner: may be the end of a circle. */
void task_note_wait(struct waker *waker);

/* What spawn() is made of: a slot for a frame of this size, of this CPU's executor; NULL without memory. */
struct task *task_allocate(size_t frame);
struct task *task_start(struct task *task, uint64_t handle);

#define TASK_SPAWN(handle, fn, ...)                                                                                    \
	({                                                                                                             \
		_Static_assert(sizeof(struct fn) <= TASK_FRAME_MAX, "the frame is too big for a task");                \
		struct task *spawned_ = task_allocate(sizeof(struct fn));                                              \
		if (spawned_ != NULL) {                                                                                \
			*(struct fn *)(void *)(spawned_ + 1) =                                                         \
			        (struct fn){.future = {.type = &fn##_type}, __VA_ARGS__};                              \
			task_start(spawned_, handle);                                                                  \
		}                                                                                                      \
		spawned_;                                                                                              \
	})

/*
 * [task] A task on this CPU's executor that runs the async function fn, with arguments by name: spawn(greet, .name =
 * "you"). Returns it, or NULL without memory. Nobody gets its result, and it may be gone as soon as it has run: who
 * wants to cancel it takes its task_generation() at once.
 */
#define spawn(fn, ...) TASK_SPAWN(0, fn, __VA_ARGS__)

/* [task] The same, and it stays until the caller has joined it or dropped the handle. */
#define spawn_handle(fn, ...) TASK_SPAWN(WAKER_HANDLE, fn, __VA_ARGS__)

/* [task] A handle is given up without waiting; the task goes on. */
void task_drop_handle(struct task *task);

/* [irq] Tells this task from the next in the same slot. */
static inline uint32_t task_generation(const struct task *task)
{
	return (uint32_t)(__atomic_load_n(&task->waker.state, __ATOMIC_RELAXED) >> 32);
}

/* [irq] The task is dropped instead of being polled again; its result is -ECANCELED. False if it is over already. */
bool task_cancel(struct task *task, uint32_t generation);

/*
 * [task] Waits until a task that the caller has the handle of is over, returns its result, or -ECANCELED, and gives the
 * handle back. A join that is dropped leaves the handle with the caller.
 */
#define task_join(p, its_task) call(p, task_join, .task = (its_task))
struct task_join {
	struct future future;
	struct task *task;
	struct waker *waker;
};
extern const struct future_type task_join_type;

/* For the executor: the task is over, its result stands in its future. */
void task_finish(struct task *task);

#endif
