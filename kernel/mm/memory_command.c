/*
 * mem: who has the memory.
 */
#include <stdbool.h>

#include "core/monitor_command.h"
#include "lib/human_size.h"
#include "mm/chunk.h"
#include "mm/frames.h"
#include "mm/heap_debug.h"
#include "mm/heap_pages.h"
#include "mm/heap_slab.h"
#include "paging.h"

#define SITES_MAX 24

/* Code that took frames; who finds no room is counted at the last. */
struct site {
	uint32_t caller; /* as in struct frame; 0: others */
	uint32_t blocks;
	uint64_t frames;
};

static void print_row(struct command_output *output, const char *name, uint64_t frames)
{
	char size[HUMAN_SIZE_MAX];

	command_print(output, "%-12s  %11lu  %10s\n", name, frames, human_size(frames * PAGE_SIZE, size));
}

static void print_sum(struct command_output *output, const struct frames_count *count)
{
	command_print(output, "memory             frames\n");
	print_row(output, "to give out", count->total);
	print_row(output, "in use", count->total - count->free);
	print_row(output, "free", count->free);
}

static void print_zones(struct command_output *output)
{
	struct frames_zone zone;
	char size[HUMAN_SIZE_MAX];

	command_print(output, "\nzone          free frames  largest free block\n");
	for (unsigned int n = 0; frames_zone(n, &zone); n++)
		command_print(output, "%-12s  %11lu  %s\n", zone.name, zone.free,
		        zone.largest != 0 ? human_size(zone.largest * PAGE_SIZE, size) : "-");
	command_print(
	        output, "%-12s  %11u\n%-12s  %11lu\n", "CPU's list", frames_listed(), "never used", frames_unopened());
}

static void count_block(struct site sites[SITES_MAX], unsigned int *count, const struct frame *block)
{
	unsigned int i = 0;

	while (i < *count && sites[i].caller != block->allocated_by)
		i++;
	if (i == SITES_MAX)
		sites[--i].caller = 0;
	else if (i == *count)
		sites[(*count)++].caller = block->allocated_by;
	sites[i].blocks++;
	sites[i].frames += 1u << block->order;
}

static void count_chunk(struct site sites[SITES_MAX], unsigned int *count, uint32_t first)
{
	for (uint32_t number = first; number < first + CHUNK_FRAMES;) {
		const struct frame *f = chunk_frame(number);
		bool used = f->state == FRAME_ALLOCATED;

		if (used)
			count_block(sites, count, f);
		number += used ? 1u << f->order : 1;
	}
}

/* While other CPUs are at work, about. */
static unsigned int count_sites(struct site sites[SITES_MAX])
{
	unsigned int count = 0;

	for (uint32_t chunk = 0; chunk < CHUNK_COUNT; chunk++) {
		if (chunk_is_open(chunk))
			count_chunk(sites, &count, chunk * CHUNK_FRAMES);
	}
	return count;
}

static unsigned int find_largest(const struct site sites[SITES_MAX])
{
	unsigned int largest = 0;

	for (unsigned int i = 1; i < SITES_MAX; i++) {
		if (sites[i].frames > sites[largest].frames)
			largest = i;
	}
	return largest;
}

static void print_sites(struct command_output *output, uint64_t own)
{
	struct site sites[SITES_MAX] = {{0}};
	char name[SYMBOLS_TEXT_MAX];
	unsigned int count = count_sites(sites);

	command_print(output, "\nframes  blocks  taken by\n");
	command_print(output, "%6lu       -  the frame database itself\n", own);
	for (; count > 0; count--) {
		struct site *site = &sites[find_largest(sites)];

		command_print(output, "%6lu  %6u  %s\n", site->frames, site->blocks,
		        site->caller == 0 ? "others" : frames_describe_site(site->caller, name));
		site->frames = 0;
	}
}

static void print_heap_row(struct command_output *output, const char *name, uint32_t size, struct heap_count count)
{
	if (count.frames == 0)
		return;
	command_print(output, "%-20s  ", name);
	command_print(output, size != 0 ? "%5u" : "    -", size);
	command_print(output, "  %6lu  %9lu  %6lu\n", count.blocks, count.bytes, count.frames);
}

static void print_heap(struct command_output *output)
{
	struct heap_cache *cache;

	command_print(output, "\nheap                  block  in use      bytes  frames\n");
	for (unsigned int i = HEAP_NUMBER_FIRST; (cache = heap_slab_cache(i)) != NULL; i++)
		print_heap_row(output, cache->name != NULL ? cache->name : "kmalloc", cache->block_size,
		        heap_slab_count(cache));
	print_heap_row(output, "kmalloc, frames", 0, heap_pages_count());
	print_heap_row(output, "sum", 0, heap_count());
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	struct frames_count frames = frames_count();

	if (count != 1)
		return command_refuse(output, words[0]);
	print_sum(output, &frames);
	print_zones(output);
	print_sites(output, frames.kernel_own);
	print_heap(output);
	if (HEAP_DEBUG)
		heap_debug_print_sites(output);
	return 0;
}

MONITOR_COMMAND(mem, "", "memory: frames, zones, the heap, and who took them", print);
