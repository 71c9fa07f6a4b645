/*
 * What frames and regions cost in instructions.
 */
#include "bench.h"

#include "mm/frames.h"
#include "mm/region.h"

/* By way of this CPU's list, which has some and has room for more. */
static void warm_up(void)
{
	uint64_t first = frames_allocate(0, 0), second = frames_allocate(0, 0);

	frames_free(first);
	frames_free(second);
}

BENCH(frames_allocate)
{
	uint64_t frame, cost;

	warm_up();
	cost = BENCH_COST(frame = frames_allocate(0, 0));
	frames_free(frame);
	return cost;
}

BENCH(frames_free)
{
	uint64_t frame;

	warm_up();
	frame = frames_allocate(0, 0);
	return BENCH_COST(frames_free(frame));
}

BENCH(frames_both_cleared)
{
	uint64_t frame;

	warm_up();
	return BENCH_COST(frame = frames_allocate(0, FRAMES_ZERO); frames_free(frame));
}

/* The list is refilled or emptied on the way, once in so many. */
BENCH(frames_both_average_of_100)
{
	uint64_t frames[100];
	uint64_t cost;

	warm_up();
	cost = BENCH_COST(for (int i = 0; i < 100; i++) frames[i] = frames_allocate(0, 0);
	                  for (int i = 0; i < 100; i++) frames_free(frames[i]););
	return cost / 100;
}

BENCH(frames_both_of_64_kib)
{
	uint64_t frame;

	frames_free(frames_allocate(4, 0));
	return BENCH_COST(frame = frames_allocate(4, 0); frames_free(frame));
}

BENCH(region_both_of_16_kib)
{
	region_free(region_allocate(16384, "bench"));
	return BENCH_COST(region_free(region_allocate(16384, "bench")));
}
