#include "trace.h"

#include <stdlib.h>

#include "dice.h"

#define WAVE 20000u
#define KEPT 8u

static struct trace begin(const char *name, uint32_t slots, size_t most)
{
	struct trace trace = {.name = name, .slots = slots};

	trace.steps = calloc(most, sizeof(*trace.steps));
	if (trace.steps == NULL)
		abort();
	return trace;
}

/* How many bytes are asked for at the worst moment. */
static void find_peak(struct trace *trace)
{
	uint32_t *sizes = calloc(trace->slots, sizeof(*sizes));
	uint64_t sum = 0;

	for (size_t i = 0; i < trace->count; i++) {
		struct step step = trace->steps[i];

		sum -= sizes[step.slot];
		sizes[step.slot] = sizes[step.slot] == 0 ? step.size : 0;
		sum += sizes[step.slot];
		if (sum > trace->peak)
			trace->peak = sum;
	}
	free(sizes);
}

static void add(struct trace *trace, uint32_t slot, uint64_t size)
{
	trace->steps[trace->count++] = (struct step){slot, (uint32_t)size};
}

/* All slots are filled; then one at random is emptied and filled anew, over and over. */
static struct trace replace(const char *name, uint32_t live, size_t steps, uint64_t (*roll_size)(struct dice *dice))
{
	struct dice dice = {1};
	struct trace trace = begin(name, live, live + steps + 2);

	for (uint32_t slot = 0; slot < live; slot++)
		add(&trace, slot, roll_size(&dice));
	trace.warm_up = trace.count;
	while (trace.count < live + steps) {
		uint32_t slot = (uint32_t)dice_below(&dice, live);

		add(&trace, slot, 0);
		add(&trace, slot, roll_size(&dice));
	}
	find_peak(&trace);
	return trace;
}

static uint64_t roll_small(struct dice *dice)
{
	return 1 + dice_below(dice, 128);
}

static uint64_t roll_mixed(struct dice *dice)
{
	uint64_t least = 16u << dice_below(dice, 8);

	return least + dice_below(dice, least) + 1;
}

struct trace trace_steady(size_t steps)
{
	return replace("steady small", 200, steps, roll_small);
}

struct trace trace_mixed(uint32_t live, size_t steps)
{
	return replace("mixed", live, steps, roll_mixed);
}

struct trace trace_fragmenting(unsigned int waves)
{
	static const uint32_t sizes[] = {40, 200, 72, 1000, 24, 400, 120, 3000};
	struct trace trace = begin("fragmenting", waves * WAVE, (size_t)waves * WAVE * 2);

	for (unsigned int wave = 0; wave < waves; wave++) {
		for (uint32_t i = 0; i < WAVE; i++)
			add(&trace, wave * WAVE + i, sizes[wave % (sizeof(sizes) / sizeof(sizes[0]))]);
		for (uint32_t i = 0; i < WAVE; i++) {
			if (i % KEPT != 0)
				add(&trace, wave * WAVE + i, 0);
		}
	}
	find_peak(&trace);
	return trace;
}

void trace_drop(struct trace *trace)
{
	free(trace->steps);
}
