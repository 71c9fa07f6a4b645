/*
 * Two tasks on two CPUs that throw one item to and fro: each item is the last one for the time being, so one wake
 * that is lost ends the game. Over streams, over channels, and between a task and a thread in block_on().
 */
#include "machine.h"
#include "task/channel.h"
#include "task/stream.h"

enum { STREAM_PAIRS = 3, CHANNEL_PAIRS = 2, PAIRS = STREAM_PAIRS + CHANNEL_PAIRS, SIDES = 2, ROUNDS = 3000 };

static struct stream streams[STREAM_PAIRS + 1][SIDES]; /* the last: of the threads themselves */
static uint64_t stream_items[STREAM_PAIRS + 1][SIDES][1];
static struct channel channels[CHANNEL_PAIRS][SIDES];
static uint64_t channel_items[CHANNEL_PAIRS][SIDES][1];

/* ---- over streams ---- */

struct stream_player {
	struct future future;
	struct stream *mine, *theirs;
	uint64_t item, rounds;
	bool begins;
	struct next next;
};

ASYNC(stream_player)
{
	ASYNC_BEGIN;
	if (me->begins)
		EXPECT(stream_push(me->theirs, 1));
	for (me->item = 1; me->item <= me->rounds; me->item++) {
		uint64_t got;

		await_into(got, stream_next(&me->next, me->mine));
		EXPECT(got == me->item);
		if (!me->begins || got < me->rounds)
			EXPECT(stream_push(me->theirs, got + me->begins));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

/* ---- over channels ---- */

struct channel_player {
	struct future future;
	struct channel *mine, *theirs;
	uint64_t item, rounds;
	bool begins;
	struct channel_send send;
	struct channel_recv recv;
};

ASYNC(channel_player)
{
	ASYNC_BEGIN;
	if (me->begins)
		await(channel_send(&me->send, me->theirs, 1));
	for (me->item = 1; me->item <= me->rounds; me->item++) {
		uint64_t got;

		await_into(got, channel_recv(&me->recv, me->mine));
		EXPECT(got == me->item);
		if (!me->begins || got < me->rounds)
			await(channel_send(&me->send, me->theirs, got + me->begins));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

/* ---- a side ---- */

static void side(unsigned int number)
{
	struct task *players[PAIRS];
	unsigned int rounds = machine_rounds(ROUNDS), count = 0;
	struct stream_player own;

	for (unsigned int i = 0; i < STREAM_PAIRS; i++)
		players[count++] = spawn_handle(stream_player, .mine = &streams[i][number],
		        .theirs = &streams[i][!number], .rounds = rounds, .begins = number == 0);
	for (unsigned int i = 0; i < CHANNEL_PAIRS; i++)
		players[count++] = spawn_handle(channel_player, .mine = &channels[i][number],
		        .theirs = &channels[i][!number], .rounds = rounds, .begins = number == 0);
	block_on(call(&own, stream_player, .mine = &streams[STREAM_PAIRS][number],
	        .theirs = &streams[STREAM_PAIRS][!number], .rounds = rounds, .begins = number == 0));
	for (unsigned int i = 0; i < count; i++) {
		struct task_join join;

		EXPECT(block_on(task_join(&join, players[i])) == 0);
	}
}

unsigned long stress_ping_pong(void)
{
	for (unsigned int s = 0; s < SIDES; s++) {
		for (unsigned int i = 0; i <= STREAM_PAIRS; i++)
			streams[i][s] = (struct stream){.name = "ball", .items = stream_items[i][s], .capacity = 1};
		for (unsigned int i = 0; i < CHANNEL_PAIRS; i++)
			channel_start(&channels[i][s], "ball", channel_items[i][s], 1);
	}
	machine_run(SIDES, side, 0, NULL, NULL);
	return 2ul * (PAIRS + 1) * machine_rounds(ROUNDS);
}
