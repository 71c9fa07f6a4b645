/*
 * Tasks on two CPUs that send to one small channel, and tasks on both that receive from it, all with little patience:
 * each item comes to one of them, once, and those of one sender in order.
 */
#include <string.h>

#include "abi/errno.h"
#include "machine.h"
#include "task/channel.h"
#include "task/timeout.h"

enum { MARKET_CPUS = 2, SELLERS = 6, BUYERS = 6, ROOM = 3, GOODS = 1500, GOODS_MAX = 20 * GOODS, PATIENCE_NS = 3000 };

#define CLOSED (1ull << 40) /* no item: the buyer may go home */

static struct channel counter;
static uint64_t counter_items[ROOM];
static uint8_t is_sold[SELLERS][GOODS_MAX];
static unsigned int sellers, refused; /* sellers who have something left; times that patience ran out */

static void lose_patience(void)
{
	__atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);
}

/* ---- a seller ---- */

struct seller {
	struct future future;
	uint64_t number, item, count;
	struct timeout timeout;
	struct channel_send send;
};

/* The last one tells all buyers. */
ASYNC(seller)
{
	ASYNC_BEGIN;
	while (me->item < me->count) {
		intptr_t result;

		await_into(result, timeout(&me->timeout, channel_send(&me->send, &counter, me->number << 32 | me->item),
		                           machine_below(PATIENCE_NS)));
		if (result == 0)
			me->item++;
		else
			lose_patience();
	}
	if (__atomic_sub_fetch(&sellers, 1, __ATOMIC_ACQ_REL) == 0) {
		for (me->item = 0; me->item < BUYERS; me->item++)
			await(channel_send(&me->send, &counter, CLOSED));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

/* ---- a buyer ---- */

struct buyer {
	struct future future;
	intptr_t item;
	uint64_t next[SELLERS]; /* the least number that may come */
	struct timeout timeout;
	struct channel_recv recv;
};

static void buy(struct buyer *me, uint64_t item)
{
	uint64_t seller = item >> 32, number = (uint32_t)item;

	EXPECT(seller < SELLERS && number < GOODS_MAX);
	EXPECT(number >= me->next[seller]);
	me->next[seller] = number + 1;
	EXPECT(__atomic_exchange_n(&is_sold[seller][number], 1, __ATOMIC_RELAXED) == 0);
}

ASYNC(buyer)
{
	ASYNC_BEGIN;
	while (me->item != (intptr_t)CLOSED) {
		await_into(
		        me->item, timeout(&me->timeout, channel_recv(&me->recv, &counter), machine_below(PATIENCE_NS)));
		if (me->item == -ETIMEDOUT)
			lose_patience();
		else if (me->item != (intptr_t)CLOSED)
			buy(me, (uint64_t)me->item);
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void run_market(unsigned int number)
{
	struct task *tasks[SELLERS + BUYERS];
	unsigned int count = 0;

	for (unsigned int i = number; i < SELLERS; i += MARKET_CPUS)
		tasks[count++] = spawn_handle(seller, .number = i, .count = machine_rounds(GOODS));
	for (unsigned int i = number; i < BUYERS; i += MARKET_CPUS)
		tasks[count++] = spawn_handle(buyer);
	for (unsigned int i = 0; i < count; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, tasks[i])) == 0);
	}
}

unsigned long stress_market(void)
{
	memset(is_sold, 0, sizeof(is_sold));
	sellers = SELLERS;
	refused = 0;
	channel_start(&counter, "counter", counter_items, ROOM);
	machine_run(MARKET_CPUS, run_market, 0, NULL, NULL);
	for (unsigned int seller = 0; seller < SELLERS; seller++)
		EXPECT(memchr(is_sold[seller], 0, machine_rounds(GOODS)) == NULL);
	EXPECT(counter.count == 0 && counter.room.permits == ROOM && refused > 0);
	printf("# market: patience ran out %u times\n", refused);
	return (unsigned long)SELLERS * machine_rounds(GOODS);
}
