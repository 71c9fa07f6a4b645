/*
 * Futures, and functions that wait without a stack of their own. docs/async.md teaches this from zero.
 *
 * A future is a struct that begins with struct future: something that will be done. Rules:
 *  - future_poll() brings it as far as it gets now. PENDING: it has seen to it that the waker is woken when another try
 *    may be worth while. READY: it is done, `ret` holds the result, and it is not polled again.
 *  - It may be polled for no reason at any time; always by the same owner, and never moved or copied once polled.
 *  - future_drop() ends it wherever it is, before its first poll too. What it would have consumed is still there.
 *
 *	struct greet { struct future future; const char *name; struct sleep sleep; };
 *	ASYNC(greet)
 *	{
 *		ASYNC_BEGIN;                                  // always the first line
 *		await(sleep_for(&me->sleep, NS_PER_SECOND));
 *		print("Hello %s\n", me->name);
 *		async_return(0);                              // or falls off the end: returns 0
 *		ASYNC_FINALLY;
 *		// here all ways end, each once: return, cancel, timeout; what was taken is given back; no await
 *		ASYNC_END;
 *	}
 *
 * Variables do not survive an await: what has to stands in the frame, `me`. Not more than one await on a line, and
 * none in a switch of one's own.
 */
#ifndef TASK_FUTURE_H
#define TASK_FUTURE_H

#include "core/panic.h"
#include "core/waker.h"

enum poll { PENDING, READY };

struct future;
struct wait;

struct future_type {
	enum poll (*poll)(struct future *future, struct waker *waker); /* without a waker: drops it */
	const char *name, *file;
	/* [task] Of a pending one, the index-th thing it waits for; false: no more. NULL: an async function, which
	 * waits for its child. */
	bool (*waits)(const struct future *future, unsigned int index, struct wait *wait);
};

struct future {
	const struct future_type *type;
	union {
		struct future *child; /* of an async function: what it awaits */
		intptr_t ret;         /* when it is done */
	};
	uint32_t line; /* 0: new; FUTURE_DONE; of an async function the line it is suspended at, else anything */
	uint32_t aux;  /* the type's own */
};

_Static_assert(sizeof(struct future) == 24, "part of everything that waits");

#define FUTURE_DONE UINT32_MAX

/* What somebody waits for, as task/wait_graph.h shows it. */
struct wait {
	const struct future *child; /* another future, and nothing of the rest but is_choice */
	const char *what, *name;    /* "mutex", "disk"; the name may be NULL */
	const struct waker *owner;  /* who alone can end it; NULL: not known */
	bool is_choice;             /* something else would do as well */
	bool is_owed;               /* somebody is to end it before long; a key may never come, and an item neither */
};

/* [task] */
static inline enum poll future_poll(struct future *future, struct waker *waker)
{
	return future->type->poll(future, waker);
}

/* [task] Ends it; one that is done stays as it is. */
static inline void future_drop(struct future *future)
{
	if (future->line != FUTURE_DONE) {
		future->type->poll(future, NULL);
		future->line = FUTURE_DONE;
	}
}

/* [task] For the poll function of a type: it is done, with this result. */
static inline enum poll future_ready(struct future *future, intptr_t result)
{
	future->ret = result;
	future->line = FUTURE_DONE;
	return READY;
}

/* [any] Polled at least once, and not done. */
static inline bool future_is_pending(const struct future *future)
{
	return future->line != 0 && future->line != FUTURE_DONE;
}

#ifdef DEBUG
/* [task] A future of that type that is pending here must not be made anew. What else is left in the memory is nothing.
 */
void future_check_frame(struct future *future, const struct future_type *type);
#else
static inline void future_check_frame(struct future *future, const struct future_type *type)
{
	(void)future;
	(void)type;
}
#endif

/* [any] Makes a future of an async function, or of another type, in the frame p points at, with its arguments by name.
 */
#define call(p, fn, ...)                                                                                               \
	(future_check_frame(&(p)->future, &fn##_type),                                                                 \
	        *(p) = (struct fn){.future = {.type = &fn##_type}, __VA_ARGS__}, &(p)->future)

/* What the body of an async function returns: so a plain `return` in it is an error. */
struct async_poll {
	enum poll poll;
};

/* In the part after ASYNC_FINALLY this is another struct: so an await there is an error. */
struct async_may_wait {
	char yes;
};

/* More than an int holds: so an await within a switch of somebody's own is an error. */
#define ASYNC_LABEL(line) ((1ull << 40) + (line))

/* [irq] Something wrote over a frame. */
_Noreturn void async_bad_line(const struct future *future);

#define ASYNC(fn)                                                                                                      \
	static inline struct async_poll fn##_body(struct fn *me, struct waker *waker);                                 \
	static enum poll fn##_poll(struct future *future, struct waker *waker)                                         \
	{                                                                                                              \
		_Static_assert(offsetof(struct fn, future) == 0, "the frame begins with struct future");               \
		return fn##_body((struct fn *)future, waker).poll;                                                     \
	}                                                                                                              \
	static const struct future_type fn##_type = {fn##_poll, #fn, __FILE__, NULL};                                  \
	static inline struct async_poll fn##_body(struct fn *me, struct waker *waker)

#define ASYNC_BEGIN                                                                                                    \
	if (waker == NULL) {                                                                                           \
		if (me->future.line != 0)                                                                              \
			future_drop(me->future.child);                                                                 \
		goto async_finally;                                                                                    \
	}                                                                                                              \
	switch (ASYNC_LABEL(me->future.line)) {                                                                        \
	case ASYNC_LABEL(0):

#define await(its_future)                                                                                              \
	do {                                                                                                           \
		_Static_assert(sizeof(struct async_may_wait) == 1, "no await after ASYNC_FINALLY");                    \
		me->future.child = (its_future);                                                                       \
		__attribute__((fallthrough));                                                                          \
	case ASYNC_LABEL(__LINE__):                                                                                    \
		if (future_poll(me->future.child, waker) == PENDING) {                                                 \
			me->future.line = __LINE__;                                                                    \
			return (struct async_poll){PENDING};                                                           \
		}                                                                                                      \
	} while (0)

/* await, and the result into a variable or a field. */
#define await_into(place, its_future)                                                                                  \
	do {                                                                                                           \
		await(its_future);                                                                                     \
		(place) = (__typeof__(place))me->future.child->ret;                                                    \
	} while (0)

#define async_return(value)                                                                                            \
	do {                                                                                                           \
		me->future.ret = (intptr_t)(value);                                                                    \
		goto async_finally;                                                                                    \
	} while (0)

#define ASYNC_FINALLY                                                                                                  \
	me->future.ret = 0;                                                                                            \
	async_finally:;                                                                                                \
	struct async_may_wait {                                                                                        \
		char no[2];                                                                                            \
	};                                                                                                             \
	me->future.line = FUTURE_DONE

#define ASYNC_END                                                                                                      \
	return (struct async_poll){READY};                                                                             \
	default:                                                                                                       \
		async_bad_line(&me->future);                                                                           \
		}

#endif
