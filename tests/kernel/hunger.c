#include "hunger.h"

#include <stddef.h>

#include "abi/errno.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "refusal.h"
#include "stress.h"
#include "task/executor.h"
#include "task/task.h"
#include "task/thread_stack.h"

#define GUESTS 6
#define ODDS   3
#define BLOCK  5000 /* two frames, which have to be found */

struct guest {
	uint64_t dice; /* first, as in a struct hunger */
	struct thread *thread;
	struct task *task;
};

/* ---- who is refused what ----------------------------------------------------------------------------------------- */

/* A thread that computes with vectors needs a block for them. */
static intptr_t eat(void *guest)
{
	(void)guest;
	return thread_use_vectors();
}

static bool is_refused(const struct trap_frame *frame)
{
	struct thread *thread = thread_current();
	struct hunger *hunger = thread->argument;
	bool is_host = thread->run == hunger_run;

	(void)frame;
	if ((!is_host && thread->run != eat) || stress_roll(&hunger->dice, ODDS) != 0)
		return false;
	hunger->refused += is_host; /* a guest has only dice */
	return true;
}

void hunger_begin(void)
{
	static const void *const functions[REFUSAL_FUNCTIONS] = {(const void *)frames_allocate, (const void *)kmalloc,
	        (const void *)kzalloc, (const void *)kmalloc_aligned};

	refusal_start(functions, is_refused);
}

void hunger_end(void)
{
	refusal_end();
}

/* ---- feasts ------------------------------------------------------------------------------------------------------ */

struct snack {
	struct future future;
	unsigned int number;
};

ASYNC(snack)
{
	ASYNC_BEGIN;
	async_return(me->number);
	ASYNC_FINALLY;
	ASYNC_END;
}

static void invite(struct hunger *hunger, struct guest *guest, unsigned int number)
{
	guest->dice = hunger->dice + number;
	guest->thread = thread_create(.name = "guest", .run = eat, .argument = guest);
	guest->task = spawn_handle(snack, .number = number);
}

static bool is_right(const struct guest *guest, unsigned int number)
{
	struct thread_join join = {.waker = NULL};
	struct task_join task_end = {.waker = NULL};
	intptr_t result = guest->thread != NULL ? block_on(thread_join(&join, guest->thread)) : 0;
	intptr_t other = guest->task != NULL ? block_on(task_join(&task_end, guest->task)) : number;

	return (result == 0 || result == -ENOMEM) && other == (intptr_t)number;
}

/* Both or none. The bug: of the two it keeps one. */
static void take_both(struct hunger *hunger)
{
	uint64_t stack = thread_stack_take();
	void *block = kmalloc(BLOCK);

	if (stack != 0 && block == NULL && hunger->forgets)
		hunger->forgets = false;
	else if (stack != 0)
		thread_stack_give_back(stack);
	kfree(block);
}

intptr_t hunger_run(void *argument)
{
	struct hunger *hunger = argument;
	intptr_t wrong = 0;

	for (unsigned int feast = 0; feast < hunger->feasts; feast++) {
		struct guest guests[GUESTS];

		for (unsigned int i = 0; i < GUESTS; i++)
			invite(hunger, &guests[i], i);
		take_both(hunger);
		for (unsigned int i = 0; i < GUESTS; i++)
			wrong += !is_right(&guests[i], i);
		stress_step();
	}
	return wrong;
}
