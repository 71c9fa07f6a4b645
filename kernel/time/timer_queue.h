/*
 * Timers in the order of their deadlines: a leftist heap. Its nodes are the timers themselves, so nothing is allocated;
 * adding one and taking any one away cost O(log n) at worst. Timers with one deadline leave in the order they came.
 * Pure: no lock, no clock.
 *
 * What holds between calls, for every timer t in the heap:
 *  1. No timer below t comes before it: neither an earlier deadline, nor the same one and an earlier place in the
 * order.
 *  2. rank(t) = rank(right child) + 1, where no child has rank 0, and rank(left child) >= rank(right child). So from
 * any timer, going right k times needs at least 2^k - 1 timers below: the way to the right end is short.
 *  3. A child's parent is t.
 */
#ifndef TIME_TIMER_QUEUE_H
#define TIME_TIMER_QUEUE_H

#include <stddef.h>
#include <stdint.h>

/* Fields of the queue's own: whoever embeds a timer leaves them alone. */
struct timer_node {
	uint64_t deadline; /* ns of clock_monotonic_ns() */
	uint64_t order;    /* of all timers of this queue, the number under which it came */
	struct timer_node *left, *right, *parent;
	uint32_t rank; /* 0: in no queue */
};

struct timer_queue {
	struct timer_node *first; /* NULL: empty */
	uint64_t orders;          /* given so far */
};

/* [any] Adds one that is in no queue, with its deadline set. */
void timer_queue_add(struct timer_queue *queue, struct timer_node *node);

/* [any] Takes away one that is in this queue. */
void timer_queue_remove(struct timer_queue *queue, struct timer_node *node);

/* [any] Another of the queue's, from `first` on each once; NULL behind the last. Not in the order of deadlines. */
struct timer_node *timer_queue_next(const struct timer_node *node);

#endif
