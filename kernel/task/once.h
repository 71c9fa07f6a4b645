/*
 * What is made when it is first needed, and once, though many may need it at the same time: the first who comes makes
 * it, and may sleep meanwhile; the others wait. If it cannot be made, or who makes it is ended, it is the next one's
 * turn. Who waits lends its priority to who makes (task/mutex.h).
 *
 *	await_into(me->makes, once_begin(&me->begin, &cache_once));
 *	if (me->makes) {
 *		await_into(me->result, fill_cache(&me->fill));
 *		once_end(&cache_once, me->result == 0);
 *	}
 *
 * All that the kernel has today is made before there is a second CPU, so nothing needs this yet: it is for what a
 * file system reads when it is first asked.
 */
#ifndef TASK_ONCE_H
#define TASK_ONCE_H

#include "task/mutex.h"

struct once {
	struct mutex making;
	bool is_made;
};

/* For a definition: static struct once cache_once = ONCE("cache"); */
#define ONCE(its_name)                                                                                                 \
	{                                                                                                              \
		.making = MUTEX(its_name)                                                                              \
	}

/* [irq] Is it made, and all that was written to make it to be seen? */
static inline bool once_is_made(const struct once *once)
{
	return __atomic_load_n(&once->is_made, __ATOMIC_ACQUIRE);
}

/*
 * [task] Waits until it is made, which is the result 0; or until it is the caller's turn to make it, which is 1. Then
 * the caller says once_end(), after ASYNC_FINALLY at the latest, if once_is_mine().
 */
#define once_begin(p, its_once) call(p, once_begin, .once = (its_once))
struct once_begin {
	struct future future;
	struct once *once;
	struct mutex_lock lock;
};
extern const struct future_type once_begin_type;

/* [task] The caller has made it, or could not. */
void once_end(struct once *once, bool is_made);

/* [task] Is it the caller's turn? */
static inline bool once_is_mine(const struct once *once)
{
	return mutex_is_mine(&once->making);
}

#endif
