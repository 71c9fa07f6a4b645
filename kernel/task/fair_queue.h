/*
 * Who of those that share a CPU runs next: "earliest eligible virtual deadline first" (Stoica and Abdel-Wahab, 1995).
 * docs/scheduler.md explains it. Pure: no lock, no clock; time is in ticks of whoever calls.
 *
 * Everybody has a weight and a virtual time, which goes on while he runs, slower the heavier he is. The queue's virtual
 * time V is the mean of theirs, by weight. Who is behind V has had less than his share; he is eligible. Each has a
 * deadline: his virtual time when his slice is used up. Of those who are eligible the one with the earliest deadline
 * runs, and he may use up his slice although he is soon ahead of V, unless an earlier deadline turns up. So shares are
 * right in the long run, nobody waits much longer than his slice and the others' take, and who asks for a shorter slice
 * is served sooner, without getting more.
 *
 * What holds between calls:
 *  1. `first` is a tree in the order of deadlines (of equal ones, of coming), in which no one below has a higher
 *     `height` than the one above. Heights are drawn like dice, so it is about as deep as the logarithm of its size.
 *  2. earliest(t) is the least virtual time of t and all below.
 *  3. `weight` is the sum of the weights of all who are in the tree, and the runner; `ahead` that of weight * (virtual
 *     time - base).
 *  4. Who is not in the tree has nobody below.
 */
#ifndef TASK_FAIR_QUEUE_H
#define TASK_FAIR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAIR_WEIGHT     1024u /* of who asks for nothing else */
#define FAIR_WEIGHT_MIN 16u
#define FAIR_WEIGHT_MAX 65536u

/* All fields are the queue's, but weight and slice, which are set before it joins. */
struct fair_entity {
	uint32_t weight;
	uint32_t height;
	uint64_t slice;   /* ticks, real ones */
	int64_t time;     /* virtual; of one that has left: how much it was behind V */
	int64_t deadline; /* of one that has left: V when it did */
	int64_t earliest;
	uint64_t order;
	struct fair_entity *left, *right;
};

struct fair_queue {
	struct fair_entity *first;  /* who waits; NULL: nobody */
	struct fair_entity *runner; /* who runs, and is not in the tree; NULL: somebody who is not of this queue */
	int64_t base, ahead, weight;
	uint64_t orders; /* given so far */
	unsigned int waiting;
	bool slice_is_over; /* the runner's; it has a new deadline, but it is ahead of V if others are behind */
};

/* [any] A new one with this weight and slice, which has had exactly its share. */
void fair_entity_start(struct fair_entity *entity, uint32_t weight, uint64_t slice);

/* [any] One that was in no queue waits in this one from now on, as far behind as it was when it left; or ahead, less
 * what the others have had since. */
void fair_queue_join(struct fair_queue *queue, struct fair_entity *entity);

/* [any] The runner leaves: it waits for something else than its turn. */
void fair_queue_leave(struct fair_queue *queue);

/* [any] The runner waits for its next turn, and there is no runner. */
void fair_queue_put_back(struct fair_queue *queue);

/* [any] The runner gives up what is left of its slice. */
void fair_queue_yield(struct fair_queue *queue);

/* [any] Lets run whose turn it is, who may be the runner still; returns it, or NULL if there is nobody at all. */
struct fair_entity *fair_queue_turn(struct fair_queue *queue);

/* [any] Both: the runner gives up what is left of its slice; returns whose turn it is. */
struct fair_entity *fair_queue_pass(struct fair_queue *queue);

/* [any] So many ticks as virtual time. */
static inline int64_t fair_entity_virtual(const struct fair_entity *entity, uint64_t ticks)
{
	return (int64_t)(ticks * FAIR_WEIGHT / entity->weight);
}

/* [any] For fair_queue_charge(): the runner has a new deadline. */
void fair_queue_end_slice(struct fair_queue *queue);

/* [any] The runner has run for so many ticks. Here, and without a division for most, since each switch does it. */
static inline void fair_queue_charge(struct fair_queue *queue, uint64_t ticks)
{
	struct fair_entity *runner = queue->runner;

	if (__builtin_expect(runner->weight == FAIR_WEIGHT, true)) {
		runner->time += (int64_t)ticks;
		queue->ahead += (int64_t)ticks * FAIR_WEIGHT;
	} else {
		int64_t passed = fair_entity_virtual(runner, ticks);

		runner->time += passed;
		queue->ahead += passed * runner->weight;
	}
	if (runner->time >= runner->deadline)
		fair_queue_end_slice(queue);
}

/* [any] Is it the turn of one of those who wait, rather than the runner's? */
bool fair_queue_is_due(const struct fair_queue *queue);

/* [any] Takes away one that waits, as if it had left. */
void fair_queue_remove(struct fair_queue *queue, struct fair_entity *entity);

/* [any] One that has left this queue will join another: what it owes is settled up to now. */
void fair_queue_release(const struct fair_queue *queue, struct fair_entity *entity);

/* [any] One that another queue released will join this one, as far behind or ahead as it was there. */
void fair_queue_adopt(const struct fair_queue *queue, struct fair_entity *entity);

/* [any] Lets one that waits run, whoever's turn it is. */
void fair_queue_run(struct fair_queue *queue, struct fair_entity *entity);

/* [any] How many ticks the runner has left of its slice; 0: none. */
uint64_t fair_queue_left(const struct fair_queue *queue);

/* [any] The next of those who wait, in the order of deadlines, after `entity`; NULL: the first, or behind the last. */
struct fair_entity *fair_queue_next(const struct fair_queue *queue, const struct fair_entity *entity);

#endif
