/*
 * Threads that come to grief (core/fault_kind.h): the report names them.
 */
#include "core/fault_kind.h"
#include "core/spinlock.h"
#include "lib/string.h"
#include "preempt.h"
#include "provoke.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/sleep.h"
#include "task/thread.h"

static void run_thread(const char *name, intptr_t (*run)(void *argument))
{
	struct thread *thread = thread_create(.name = name, .run = run);
	struct thread_join join;

	if (thread != NULL)
		block_on(thread_join(&join, thread));
}

static __attribute__((noinline)) unsigned int descend(volatile unsigned int *depth)
{
	volatile unsigned int next = *depth + 1;

	if (next == 0)
		return 0;
	return descend(&next) + next;
}

static intptr_t dig(void *argument)
{
	volatile unsigned int depth = 0;

	(void)argument;
	return (intptr_t)descend(&depth);
}

static void thread_stack(void)
{
	run_thread("digger", dig);
}

FAULT_KIND(threadstack, "a thread runs down its whole stack", thread_stack);

static intptr_t look_at_nothing(void *argument)
{
	provoke_read((uint64_t)argument + 0x10);
	return 0;
}

static void thread_null(void)
{
	run_thread("dreamer", look_at_nothing);
}

FAULT_KIND(threadnull, "a thread follows a null pointer", thread_null);

static intptr_t sleep_with_lock(void *argument)
{
	static struct spinlock lock = SPINLOCK(RANK_TASKS, "bedroom");
	uint64_t flags = spin_lock(&lock);

	(void)argument;
	scheduler_park();
	spin_unlock(&lock, flags);
	return 0;
}

static void thread_sleep_with_lock(void)
{
	run_thread("sleeper", sleep_with_lock);
}

FAULT_KIND(threadlock, "a thread sleeps while it holds a spinlock", thread_sleep_with_lock);

static intptr_t sleep_unpreempted(void *argument)
{
	struct sleep sleep;

	(void)argument;
	preempt_disable();
	block_on(sleep_for(&sleep, NS_PER_SECOND));
	return 0;
}

static void thread_sleep_unpreempted(void)
{
	run_thread("insomniac", sleep_unpreempted);
}

FAULT_KIND(threadheld, "a thread sleeps while nobody may take its place", thread_sleep_unpreempted);

/* Its canary is its own: what it overwrites is found, though the thread was preempted in between. */
static __attribute__((noinline)) void overrun(volatile size_t length)
{
	char text[16];
	struct sleep sleep;

	block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
	memset(text, 'x', length);
	__asm__ volatile("" ::"r"(text) : "memory");
}

static intptr_t smash(void *argument)
{
	(void)argument;
	overrun(40);
	return 0;
}

static void thread_smash(void)
{
	run_thread("vandal", smash);
}

FAULT_KIND(threadsmash, "a thread overruns an array on its stack", thread_smash);

static intptr_t do_nothing(void *argument)
{
	(void)argument;
	return 0;
}

static void give_twice(void)
{
	struct thread *thread = thread_create(.name = "gift", .run = do_nothing);
	struct thread_join join;

	if (thread == NULL)
		return;
	block_on(thread_join(&join, thread));
	thread_detach(thread);
}

FAULT_KIND(threadtwice, "the handle of a thread is given back a second time", give_twice);
