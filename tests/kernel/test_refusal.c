/*
 * Each of the calls for memory that a new thread or a new task needs, refused in turn: there is none then, and nothing
 * is lost.
 */
#include "kernel_test.h"

#include "mm/frames.h"
#include "mm/heap.h"
#include "refusal.h"
#include "task/executor.h"
#include "task/semaphore.h"
#include "task/task.h"
#include "task/thread.h"
#include "task/thread_stack.h"

#define HELD_MAX    256u /* more slots than any test before this one has left */
#define STACKS_KEPT 4u   /* by a CPU (task/thread_stack.c) */

static const void *const functions[REFUSAL_FUNCTIONS] = {
        (const void *)frames_allocate, (const void *)kmalloc, (const void *)kzalloc, (const void *)kmalloc_aligned};

static struct semaphore gate = SEMAPHORE("gate", 0);
static unsigned int calls, refused_call; /* counted from 1 */

static bool is_that_one(const struct trap_frame *frame)
{
	(void)frame;
	return ++calls == refused_call;
}

/* Slots come in blocks of the heap. */
static bool is_for_slots(const struct trap_frame *frame)
{
	return frame->rip == (uint64_t)kmalloc || frame->rip == (uint64_t)kzalloc;
}

struct guest {
	struct future future;
	struct semaphore_acquire acquire;
};

ASYNC(guest)
{
	ASYNC_BEGIN;
	await(semaphore_acquire(&me->acquire, &gate));
	ASYNC_FINALLY;
	ASYNC_END;
}

static intptr_t be_guest(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	return block_on(semaphore_acquire(&acquire, &gate));
}

static void *make_thread(void)
{
	return thread_create(.name = "guest", .run = be_guest);
}

static void *make_task(void)
{
	return spawn_handle(guest);
}

static void end_thread(void *thread)
{
	struct thread_join join = {.waker = NULL};

	block_on(thread_join(&join, thread));
}

static void end_task(void *task)
{
	struct task_join join = {.waker = NULL};

	block_on(task_join(&join, task));
}

struct made {
	void *all[HELD_MAX];
	unsigned int count;
};

static void *make(struct made *made, void *(*make_one)(void), refusal_decision *decide)
{
	void *one;

	refusal_start(functions, decide);
	one = make_one();
	refusal_end();
	if (one != NULL)
		made->all[made->count++] = one;
	return one;
}

/* With none of the stacks at hand that this CPU keeps. */
static void *make_without_stacks(struct made *made, void *(*make_one)(void), refusal_decision *decide)
{
	uint64_t stacks[STACKS_KEPT];
	void *one;

	for (unsigned int i = 0; i < STACKS_KEPT; i++)
		stacks[i] = thread_stack_take();
	one = make(made, make_one, decide);
	for (unsigned int i = 0; i < STACKS_KEPT; i++)
		thread_stack_give_back(stacks[i]);
	return one;
}

/* Returns how many calls the last one took; 0: something is wrong. */
static unsigned int refuse_each(struct made *made, void *(*make_one)(void))
{
	for (refused_call = 1; made->count < HELD_MAX; refused_call++) {
		unsigned int stacks;
		void *one;

		while (made->count < HELD_MAX && make(made, make_one, is_for_slots) != NULL)
			; /* until all slots are taken */
		stacks = thread_stack_count();
		calls = 0;
		one = make_without_stacks(made, make_one, is_that_one);
		if (calls < refused_call)
			return one != NULL ? calls : 0;
		if (one == NULL && thread_stack_count() != stacks)
			return 0;
	}
	return 0;
}

static void run(void *(*make_one)(void), void (*end_one)(void *), unsigned int calls_at_least)
{
	static struct made made;
	unsigned int stacks = thread_stack_count(), took;

	made.count = 0;
	took = refuse_each(&made, make_one);
	for (unsigned int i = 0; i < made.count; i++)
		semaphore_release(&gate);
	for (unsigned int i = 0; i < made.count; i++)
		end_one(made.all[i]);
	EXPECT(took >= calls_at_least);
	EXPECT(thread_stack_count() <= stacks + 1); /* the last one's is given back when another thread runs */
}

/* A block of slots, and the four pages of a stack. */
KERNEL_TEST(refused_threads)
{
	run(make_thread, end_thread, 5);
}

KERNEL_TEST(refused_tasks)
{
	run(make_task, end_task, 1);
}
