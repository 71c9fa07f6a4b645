/*
 * What the heap's fast ways cost, and what it costs on average when they do not suffice.
 */
#include "bench.h"

#include "mm/heap.h"

#define SIZE 64u
#define MANY 2000u

static void *blocks[MANY];

/* Blocks in this CPU's stock, and room there for more. */
static void warm_up(void)
{
	for (unsigned int i = 0; i < 8; i++)
		blocks[i] = kmalloc(SIZE);
	for (unsigned int i = 0; i < 8; i++)
		kfree(blocks[i]);
}

BENCH(kmalloc)
{
	uint64_t cost;

	warm_up();
	cost = BENCH_COST(blocks[0] = kmalloc(SIZE));
	kfree(blocks[0]);
	return cost;
}

BENCH(kfree)
{
	void *block;

	warm_up();
	block = kmalloc(SIZE);
	return BENCH_COST(kfree(block));
}

BENCH(heap_cache_allocate)
{
	static struct heap_cache *cache;
	uint64_t cost;

	if (cache == NULL)
		cache = heap_cache_create("bench", SIZE, 0);
	heap_cache_free(cache, heap_cache_allocate(cache));
	cost = BENCH_COST(blocks[0] = heap_cache_allocate(cache));
	heap_cache_free(cache, blocks[0]);
	return cost;
}

BENCH(heap_cache_free)
{
	struct heap_cache *cache = heap_cache_create("bench", SIZE, 0);
	void *block = heap_cache_allocate(cache);

	return BENCH_COST(heap_cache_free(cache, block));
}

/* 2,000 blocks, then all of them back: the slabs' part in it included. */
BENCH(kmalloc_average_of_2000)
{
	uint64_t cost;

	heap_trim();
	cost = BENCH_COST(for (unsigned int i = 0; i < MANY; i++) blocks[i] = kmalloc(SIZE));
	for (unsigned int i = 0; i < MANY; i++)
		kfree(blocks[i]);
	return cost / MANY;
}

BENCH(kfree_average_of_2000)
{
	heap_trim();
	for (unsigned int i = 0; i < MANY; i++)
		blocks[i] = kmalloc(SIZE);
	return BENCH_COST(for (unsigned int i = 0; i < MANY; i++) kfree(blocks[i])) / MANY;
}

/* A block of whole frames: what the frame allocator costs, and a little. */
BENCH(kmalloc_8192)
{
	uint64_t cost;

	kfree(kmalloc(8192));
	cost = BENCH_COST(blocks[0] = kmalloc(8192));
	kfree(blocks[0]);
	return cost;
}
