#include "object_counts.h"

#include <stddef.h>

#include "core/log.h"
#include "core/panic.h"
#include "everywhere.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/region.h"
#include "paging.h"
#include "task/executor.h"
#include "task/sleep.h"
#include "task/task.h"
#include "task/thread_stack.h"
#include "time/timer.h"

#define TRIES       12u                    /* few: to count needs all CPUs, which the host may not have */
#define PAUSE_NS    (NS_PER_SECOND / 1000) /* before the second try; before each other twice as long */
#define STACKS_MAX  512u                   /* at once, in any storm */
#define SLOTS       64u                    /* of threads and of tasks on this CPU, about as many */
#define STACKS_KEPT 8u                     /* each CPU keeps less (task/thread_stack.c) */
#define SLICES_NS   (NS_PER_SECOND / 100)
#define SLOT_SIZE   (2 * THREAD_STACK_SIZE)
#define WINDOWS     4u
#define WINDOW_SIZE (1ull << 34) /* mm/region.c */
#define SMALLEST    16384ull
#define SLOTS_MAX   2048u
#define BLOCK_TASKS 4096u /* bytes that task.c and thread.c get from the heap at once, and keep for ever */

static const char *const names[OBJECTS] = {"threads", "stacks", "tasks", "timers", "blocks", "regions", "frames"};

static uint64_t tasks, task_bytes, timers; /* of all CPUs, each adds its own */

/* The first slots of CPU 0's executor are no block. */
static void add_own(void)
{
	for (const struct task *task = executor_here()->slots; task != NULL; task = task->next_slot) {
		uint64_t state = __atomic_load_n(&task->waker.state, __ATOMIC_RELAXED);

		__atomic_fetch_add(&tasks, (state & (WAKER_LIVE | WAKER_HANDLE)) != 0, __ATOMIC_RELAXED);
		__atomic_fetch_add(&task_bytes, (uint64_t)TASK_SLOT_MIN << task->class, __ATOMIC_RELAXED);
	}
	__atomic_fetch_add(&timers, timer_list(NULL, 0), __ATOMIC_RELAXED);
}

/* Each CPU keeps as many stacks as it ever does, and no free memory. */
static void settle(void)
{
	uint64_t stacks[STACKS_KEPT];

	for (unsigned int i = 0; i < STACKS_KEPT; i++)
		stacks[i] = thread_stack_take();
	for (unsigned int i = 0; i < STACKS_KEPT; i++) {
		if (stacks[i] != 0)
			thread_stack_give_back(stacks[i]);
	}
	heap_trim();
	frames_drain();
}

static uint64_t count_regions(void)
{
	uint64_t count = 0;

	for (unsigned int window = 0; window < WINDOWS; window++) {
		for (uint64_t slot = 0; slot < SLOTS_MAX; slot++)
			count += region_name(REGION_START + window * WINDOW_SIZE + slot * (SMALLEST << window)) != NULL;
	}
	return count;
}

struct nothing {
	struct future future;
};

ASYNC(nothing)
{
	ASYNC_BEGIN;
	ASYNC_FINALLY;
	ASYNC_END;
}

static intptr_t do_nothing(void *argument)
{
	(void)argument;
	return 0;
}

/* All at once: the caller is a task, which none of them can interrupt. */
static void prepare_slots(void)
{
	struct thread *threads[SLOTS];
	struct task *tasks_made[SLOTS];

	for (unsigned int i = 0; i < SLOTS; i++) {
		threads[i] = thread_create(.name = "nobody", .run = do_nothing);
		tasks_made[i] = spawn_handle(nothing);
		if (threads[i] == NULL || tasks_made[i] == NULL)
			panic("There is no memory for threads and tasks.");
	}
	for (unsigned int i = 0; i < SLOTS; i++) {
		struct thread_join join = {.waker = NULL};
		struct task_join other = {.waker = NULL};

		block_on(thread_join(&join, threads[i]));
		block_on(task_join(&other, tasks_made[i]));
	}
}

void object_counts_prepare(void)
{
	static void *regions[STACKS_MAX];
	struct sleep sleep;

	prepare_slots();
	block_on(sleep_for(&sleep, SLICES_NS)); /* of those threads' slices one may have a timer */
	for (unsigned int size = PAGE_SIZE; size <= THREAD_STACK_SIZE; size *= 4) {
		for (unsigned int i = 0; i < STACKS_MAX; i++)
			regions[i] = region_allocate(size, "a region of a test");
		for (unsigned int i = 0; i < STACKS_MAX; i++)
			region_free(regions[i]);
	}
}

/* What the kernel keeps for the next thread or task is none that is lost: it is told by its slots. */
struct object_counts object_counts_take(void)
{
	struct object_counts counts = {0};
	uint64_t slots = 0, *of = counts.of;
	struct frames_count frames;
	struct heap_count heap;

	everywhere_run(settle);
	tasks = task_bytes = timers = 0;
	everywhere_run(add_own);
	for (struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread), slots++)
		of[OBJECT_THREADS] += thread->state != THREAD_FREE;
	heap = heap_count();
	frames = frames_count();
	of[OBJECT_STACKS] = thread_stack_count();
	of[OBJECT_TASKS] = tasks;
	of[OBJECT_TIMERS] = timers;
	of[OBJECT_BLOCKS] = heap.blocks - task_bytes / BLOCK_TASKS - slots / (BLOCK_TASKS / sizeof(struct thread));
	of[OBJECT_REGIONS] = count_regions();
	of[OBJECT_FRAMES] = frames.total - frames.free - frames.kernel_own - heap.frames;
	return counts;
}

static bool are_same(const struct object_counts *a, const struct object_counts *b)
{
	for (unsigned int i = 0; i < OBJECTS; i++) {
		if (a->of[i] != b->of[i])
			return false;
	}
	return true;
}

bool object_counts_come_back(const struct object_counts *before, void (*step)(void))
{
	struct object_counts now = object_counts_take();

	for (unsigned int i = 0; i < TRIES && !are_same(&now, before); i++) {
		struct sleep sleep;

		block_on(sleep_for(&sleep, PAUSE_NS << i));
		step();
		now = object_counts_take();
	}
	for (unsigned int i = 0; i < OBJECTS; i++) {
		if (now.of[i] != before->of[i])
			log_error("LEAK: %lu %s, at the start %lu\n", now.of[i], names[i], before->of[i]);
	}
	return are_same(&now, before);
}
