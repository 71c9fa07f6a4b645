/*
 * A channel of bounded length, from many to many. Who sends waits for room, who receives for an item, each in the order
 * they came; one that is dropped has neither sent nor received.
 */
#ifndef TASK_CHANNEL_H
#define TASK_CHANNEL_H

#include "task/semaphore.h"

struct channel {
	const char *name;
	struct semaphore room, filled; /* as many permits as the ring has free places, as it has items */
	struct spinlock lock;          /* guards the rest */
	uint64_t *items;
	uint32_t capacity, first, count;
};

/* Defines one: CHANNEL(input_events, 64); `static` may stand before it. */
#define CHANNEL(its_name, its_capacity)                                                                                \
	struct channel its_name = {.name = #its_name,                                                                  \
	        .room = SEMAPHORE(#its_name, its_capacity),                                                            \
	        .filled = SEMAPHORE(#its_name, 0),                                                                     \
	        .lock = SPINLOCK(RANK_TASKS, #its_name),                                                               \
	        .items = (uint64_t[its_capacity]){0},                                                                  \
	        .capacity = (its_capacity)}

/* [irq] A new one, in structs of one's own, with room for `capacity` items; the name is kept. */
void channel_start(struct channel *channel, const char *name, uint64_t *items, uint32_t capacity);

/* [task] Waits until there is room, and puts the item there. */
#define channel_send(p, its_channel, its_item) call(p, channel_send, .channel = (its_channel), .item = (its_item))
struct channel_send {
	struct future future;
	struct channel *channel;
	uint64_t item;
	struct semaphore_acquire acquire;
};
extern const struct future_type channel_send_type;

/* [task] Waits for an item, which is the result. */
#define channel_recv(p, its_channel) call(p, channel_recv, .channel = (its_channel))
struct channel_recv {
	struct future future;
	struct channel *channel;
	struct semaphore_acquire acquire;
};
extern const struct future_type channel_recv_type;

/* [irq] False if there is no room now. */
bool channel_try_send(struct channel *channel, uint64_t item);

/* [irq] False if there is no item now. */
bool channel_try_recv(struct channel *channel, uint64_t *item);

/* [task] For the only receiver: the item that `index` others come before, which stays there; false if there is none. */
bool channel_look(struct channel *channel, uint32_t index, uint64_t *item);

#endif
