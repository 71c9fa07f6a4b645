/*
 * map: the kernel's half of the address space, as the CPU sees it. Neighbours that are alike are one line.
 */
#include <stdbool.h>
#include <stddef.h>

#include "core/hand_over.h"
#include "core/monitor_command.h"
#include "lib/human_size.h"
#include "lib/string.h"
#include "linker.h"
#include "mm/chunk.h"
#include "mm/region.h"
#include "paging.h"

#define KERNEL_HALF     0xffff800000000000ull
#define DIRECT_MAP_SIZE (1ull << 46)

struct run {
	uint64_t start, last; /* addresses of bytes */
	uint64_t cache;
	bool writable, executable, user;
	const char *name;
};

static bool is_in(uint64_t address, uint64_t start, uint64_t size)
{
	return address - start < size;
}

static const char *name_in_image(uint64_t address)
{
	if (address < (uint64_t)linker_text_end)
		return "code of the kernel";
	if (address < (uint64_t)linker_rodata_end)
		return "its constants";
	if (address >= (uint64_t)linker_sealed_start && address < (uint64_t)linker_sealed_end)
		return "its sealed tables";
	return "its variables";
}

static const char *name_of(uint64_t address)
{
	const struct boot_info *info = hand_over_info();
	const char *region = region_name(address);
	uint64_t image = (uint64_t)linker_image_start;

	if (region != NULL)
		return region;
	if (is_in(address, paging_direct_map, DIRECT_MAP_SIZE))
		return "RAM";
	if (is_in(address, CHUNK_DATABASE, CHUNK_COUNT * (uint64_t)CHUNK_FRAMES * sizeof(struct frame)))
		return "frame database";
	if (is_in(address, image, (uint64_t)(linker_image_end - linker_image_start)))
		return name_in_image(address);
	if (is_in(address, info->kernel.stack_virtual, info->kernel.stack_size))
		return "stack of CPU 0";
	if (info->framebuffer.base_virtual != 0 && address + PAGE_SIZE > info->framebuffer.base_virtual)
		return "framebuffer";
	if (info->text_screen.base_virtual != 0 && address >= info->text_screen.base_virtual)
		return "text screen";
	return "from the loader";
}

static uint64_t end_of_entry(uint64_t address, unsigned int level)
{
	return address | ((1ull << (12 + 9 * (level - 1))) - 1);
}

/* What one entry of the page tables says of an address; false where nothing is mapped. */
static bool read_run(uint64_t address, struct run *run)
{
	struct paging_walk walk = paging_look_up(address);

	*run = (struct run){
	        .start = address,
	        .last = end_of_entry(address, walk.level),
	        .cache = walk.entry & PAGE_UNCACHED,
	        .writable = walk.writable,
	        .executable = walk.executable,
	        .user = walk.user,
	        .name = walk.mapped ? name_of(address) : NULL,
	};
	return walk.mapped;
}

static bool are_alike(const struct run *a, const struct run *b)
{
	return a->cache == b->cache && a->writable == b->writable && a->executable == b->executable &&
	       a->user == b->user && a->name == b->name;
}

/* Regions are named as reports speak of them; here each column counts. */
static const char *without_article(const char *name)
{
	return strncmp(name, "the ", 4) == 0 ? name + 4 : name;
}

static void print_run(struct command_output *output, const struct run *run)
{
	const char *cache = run->cache == 0 ? "" : run->cache == PAGE_WRITE_COMBINING ? "WC" : "UC";
	char size[HUMAN_SIZE_MAX];

	command_print(output, "%016lx-%016lx %10s r%c%c%s %-2s %s\n", run->start, run->last,
	        human_size(run->last - run->start + 1, size), run->writable ? 'w' : '-', run->executable ? 'x' : '-',
	        run->user ? "u" : "", cache, without_article(run->name));
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	struct run run = {.name = NULL}, next;

	if (count != 1)
		return command_refuse(output, words[0]);
	next.last = KERNEL_HALF - 1;
	while (next.last != UINT64_MAX) {
		bool mapped = read_run(next.last + 1, &next);

		if (mapped && run.name != NULL && are_alike(&run, &next)) {
			run.last = next.last;
			continue;
		}
		if (run.name != NULL)
			print_run(output, &run);
		run = next;
	}
	if (run.name != NULL)
		print_run(output, &run);
	return 0;
}

MONITOR_COMMAND(map, "", "the kernel's address space: rights, caching, owners", print);
