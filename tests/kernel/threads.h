/*
 * What many tests want of threads: how many there are, and to wait for the end of one.
 */
#ifndef TEST_THREADS_H
#define TEST_THREADS_H

#include <stddef.h>

#include "abi/errno.h"
#include "task/executor.h"
#include "task/thread.h"

/* Its result; -ENOMEM if there was no memory for the thread. */
static inline intptr_t join(struct thread *thread)
{
	struct thread_join future;

	return thread != NULL ? block_on(thread_join(&future, thread)) : -ENOMEM;
}

static inline unsigned int threads_alive(void)
{
	unsigned int count = 0;

	for (const struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread))
		count += thread->state != THREAD_FREE;
	return count;
}

#endif
