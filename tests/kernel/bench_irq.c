/*
 * What an interrupt costs: from the first instruction of its vector's stub to the first of the code it interrupted,
 * with all registers saved, one handler that claims it, and its end told to the controller.
 */
#include "bench.h"

#include <stddef.h>

#include "core/irq.h"

#define FREE_LINE 5

static unsigned int calls;

static enum irq_result claim(void *context)
{
	(void)context;
	calls++;
	return IRQ_MINE;
}

BENCH(interrupt)
{
	uint64_t cost;

	irq_register(FREE_LINE, claim, NULL);
	cost = BENCH_COST(__asm__ volatile("int %0" ::"i"(VECTOR_SOURCES + FREE_LINE) : "memory"));
	irq_unregister(FREE_LINE, claim, NULL);
	return cost;
}
