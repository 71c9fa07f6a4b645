#include "task/channel.h"

void channel_start(struct channel *channel, const char *name, uint64_t *items, uint32_t capacity)
{
	*channel = (struct channel){
	        .name = name, .lock = {.rank = RANK_TASKS, .name = name}, .items = items, .capacity = capacity};
	semaphore_start(&channel->room, name, capacity);
	semaphore_start(&channel->filled, name, 0);
}

/* With the lock held. */
static uint64_t *item_at(struct channel *channel, uint32_t index)
{
	uint32_t place = channel->first + index;

	return &channel->items[place < channel->capacity ? place : place - channel->capacity];
}

/* For who has a permit of `room`. */
static void put(struct channel *channel, uint64_t item)
{
	uint64_t flags = spin_lock(&channel->lock);

	*item_at(channel, channel->count++) = item;
	spin_unlock(&channel->lock, flags);
	CHAOS();
	semaphore_release(&channel->filled);
}

/* For who has a permit of `filled`. */
static uint64_t take(struct channel *channel)
{
	uint64_t flags = spin_lock(&channel->lock);
	uint64_t item = channel->items[channel->first];

	channel->count--;
	if (++channel->first == channel->capacity)
		channel->first = 0;
	spin_unlock(&channel->lock, flags);
	CHAOS();
	semaphore_release(&channel->room);
	return item;
}

bool channel_try_send(struct channel *channel, uint64_t item)
{
	if (!semaphore_try_acquire(&channel->room))
		return false;
	put(channel, item);
	return true;
}

bool channel_try_recv(struct channel *channel, uint64_t *item)
{
	if (!semaphore_try_acquire(&channel->filled))
		return false;
	*item = take(channel);
	return true;
}

bool channel_look(struct channel *channel, uint32_t index, uint64_t *item)
{
	uint64_t flags = spin_lock(&channel->lock);
	bool is_there = index < channel->count;

	if (is_there)
		*item = *item_at(channel, index);
	spin_unlock(&channel->lock, flags);
	return is_there;
}

static enum poll send_poll(struct future *future, struct waker *waker)
{
	struct channel_send *send = (struct channel_send *)future;
	enum poll poll = semaphore_poll_within(future, &send->acquire, &send->channel->room, waker);

	if (poll == PENDING || waker == NULL)
		return poll;
	put(send->channel, send->item);
	return future_ready(future, 0);
}

static bool send_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	*wait = (struct wait){
	        .what = "room in", .name = ((const struct channel_send *)future)->channel->name, .is_owed = true};
	return index == 0;
}

static enum poll recv_poll(struct future *future, struct waker *waker)
{
	struct channel_recv *recv = (struct channel_recv *)future;
	enum poll poll = semaphore_poll_within(future, &recv->acquire, &recv->channel->filled, waker);

	if (poll == PENDING || waker == NULL)
		return poll;
	return future_ready(future, (intptr_t)take(recv->channel));
}

static bool recv_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	*wait = (struct wait){.what = "channel", .name = ((const struct channel_recv *)future)->channel->name};
	return index == 0;
}

const struct future_type channel_send_type = {send_poll, "channel_send", __FILE__, send_waits};
const struct future_type channel_recv_type = {recv_poll, "channel_recv", __FILE__, recv_waits};
