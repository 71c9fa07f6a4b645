#include "task/thread_stack.h"

#include "core/describer.h"
#include "cpu.h"
#include "lib/format.h"
#include "mm/region.h"
#include "paging.h"
#include "percpu.h"
#include "task/thread.h"

#define KEPT_MAX 4 /* on each CPU */

/* Touched with interrupts off. */
struct kept {
	uint64_t stacks[KEPT_MAX];
	unsigned int count;
};

static PERCPU(struct kept, kept);
static unsigned int in_use;

uint64_t thread_stack_take(void)
{
	uint64_t flags = cpu_interrupts_save(), stack = 0;
	struct kept *mine = percpu(kept);

	if (mine->count > 0)
		stack = mine->stacks[--mine->count];
	cpu_interrupts_restore(flags);
	if (stack == 0)
		stack = (uint64_t)region_allocate(THREAD_STACK_SIZE, "the stack of a thread that is over");
	if (stack != 0)
		__atomic_fetch_add(&in_use, 1, __ATOMIC_RELAXED);
	return stack;
}

void thread_stack_give_back(uint64_t stack)
{
	uint64_t flags = cpu_interrupts_save();
	struct kept *mine = percpu(kept);
	bool is_kept = mine->count < KEPT_MAX;

	if (is_kept)
		mine->stacks[mine->count++] = stack;
	cpu_interrupts_restore(flags);
	if (!is_kept)
		region_free((void *)stack);
	__atomic_fetch_sub(&in_use, 1, __ATOMIC_RELAXED);
}

unsigned int thread_stack_count(void)
{
	return __atomic_load_n(&in_use, __ATOMIC_RELAXED);
}

static bool describe(uint64_t address, char *text, size_t size)
{
	for (struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread)) {
		uint64_t stack = thread->stack;

		if (stack == 0 || address < stack - PAGE_SIZE || address >= stack + THREAD_STACK_SIZE)
			continue;
		if (address < stack)
			format_string(text, size, "guard page below the stack of thread %s", thread->name);
		else
			format_string(text, size, "the stack of thread %s, %lu byte%s below its top", thread->name,
			        stack + THREAD_STACK_SIZE - address,
			        format_plural(stack + THREAD_STACK_SIZE - address));
		return true;
	}
	return false;
}

void thread_stack_start(void)
{
	static struct describer describer = {.describe = describe};

	describer_add(&describer);
}
