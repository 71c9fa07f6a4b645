#define _GNU_SOURCE /* MAP_FIXED_NOREPLACE */
#include "host_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "boot/boot_info.h"
#include "core/symbols.h"
#include "linker.h"
#include "mm/chunk.h"
#include "mm/frames.h"
#include "paging.h"

#define DIRECT_MAP 0x210000000000ull /* CHUNK_DATABASE is given by the Makefile */

const char linker_image_start[1];

void *paging_direct(uint64_t physical)
{
	return (void *)(DIRECT_MAP + physical);
}

uint64_t paging_physical(const void *pointer)
{
	return (uint64_t)pointer - DIRECT_MAP;
}

int paging_map(const struct paging_space *space, uint64_t address, uint64_t physical, uint64_t size, uint64_t bits)
{
	(void)space, (void)address, (void)physical, (void)size, (void)bits;
	return 0;
}

struct paging_walk paging_look_up(uint64_t address)
{
	(void)address;
	return (struct paging_walk){0};
}

const char *symbols_describe(uint64_t address, char text[SYMBOLS_TEXT_MAX])
{
	snprintf(text, SYMBOLS_TEXT_MAX, "%016llx", (unsigned long long)address);
	return text;
}

static void map_at(uint64_t address, uint64_t size)
{
	void *wanted = (void *)address;

	if (mmap(wanted, size, PROT_READ | PROT_WRITE,
	            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == wanted)
		return;
	fprintf(stderr, "No room at %#llx.\n", (unsigned long long)address);
	abort();
}

void host_memory_start(uint64_t mib)
{
	static struct boot_info info;
	struct boot_memory_range *ranges = paging_direct(0); /* frame 0 is nobody's */
	uint64_t size = mib << 20, frames = (size / PAGE_SIZE + CHUNK_FRAMES - 1) / CHUNK_FRAMES * CHUNK_FRAMES;

	map_at(DIRECT_MAP, size);
	map_at(CHUNK_DATABASE, frames * sizeof(struct frame));
	ranges[0] = (struct boot_memory_range){0x1000, 0x9e000, BOOT_MEMORY_USABLE, 0};
	ranges[1] = (struct boot_memory_range){0x9f000, 0x61000, BOOT_MEMORY_RESERVED, 0};
	ranges[2] = (struct boot_memory_range){0x100000, size - 0x100000, BOOT_MEMORY_USABLE, 0};
	info.memory_map_count = 3;
	frames_start(&info);
}
