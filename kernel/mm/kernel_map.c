#include "mm/kernel_map.h"

#include <stdbool.h>

#include "core/panic.h"
#include "core/shootdown.h"
#include "core/spinlock.h"
#include "linker.h"
#include "mm/chunk.h"
#include "mm/frames.h"
#include "mm/region.h"
#include "paging.h"

/* Guards all tables of the kernel's half but those of the frame database, which are under the lock of the frames. */
static struct spinlock lock = SPINLOCK(RANK_PAGING, "page tables");

static uint64_t take_table(void)
{
	return frames_allocate(0, FRAMES_ZERO);
}

/* Tables that map nothing any more, each with the next one as its frame's data. A CPU may still be about to look into
 * them: they are free when all have forgotten them. */
static uint64_t dropped;

static void drop_table(uint64_t physical)
{
	frames_find(physical)->owner_data = dropped;
	dropped = physical;
}

static struct paging_space kernel = {.take_table = take_table, .give_table = drop_table};

static void free_dropped(uint64_t physical)
{
	while (physical != 0) {
		uint64_t next = frames_find(physical)->owner_data;

		frames_free(physical);
		physical = next;
	}
}

/* Gives the lock back after entries were changed that may have been in use. */
static void finish_change(uint64_t flags, uint64_t address, uint64_t size)
{
	uint64_t tables = dropped;

	dropped = 0;
	spin_unlock(&lock, flags);
	shootdown(address, size);
	free_dropped(tables);
}

/* Code and constants are in the direct map a second time: there, too, nobody writes them. */
static bool protect_second_view(const struct boot_info *info)
{
	uint64_t view = (uint64_t)paging_direct(info->kernel.physical);
	uint64_t size = (uint64_t)(linker_rodata_end - linker_image_start + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

	return kernel_map_protect(view, size, PAGE_NO_EXECUTE) == 0;
}

void kernel_map_start(const struct boot_info *info)
{
	kernel.root = take_table();
	if (kernel.root == 0 || !paging_copy_kernel(&kernel, CHUNK_DATABASE) ||
	        !paging_make_top(&kernel, REGION_START) || !protect_second_view(info))
		panic("Not enough memory for the kernel's page tables.");
	paging_start_cpu(&kernel);
}

void kernel_map_start_cpu(void)
{
	paging_start_cpu(&kernel);
}

/* In both views. There is a page at least, for the interrupt table is in it. */
void kernel_map_seal(const struct boot_info *info)
{
	uint64_t start = (uint64_t)linker_sealed_start;
	uint64_t size = (uint64_t)linker_sealed_end - start;
	uint64_t view = (uint64_t)paging_direct(info->kernel.physical + (start - info->kernel.base_virtual));

	if (kernel_map_protect(start, size, PAGE_NO_EXECUTE) != 0 ||
	        kernel_map_protect(view, size, PAGE_NO_EXECUTE) != 0)
		panic("Not enough memory to make descriptor tables read-only.");
}

int kernel_map_add(uint64_t address, uint64_t physical, uint64_t size, uint64_t bits)
{
	uint64_t flags = spin_lock(&lock);
	int result = paging_map(&kernel, address, physical, size, bits);

	if (result == 0)
		spin_unlock(&lock, flags);
	else
		finish_change(flags, address, size);
	return result;
}

void kernel_map_remove(uint64_t address, uint64_t size)
{
	uint64_t flags = spin_lock(&lock);

	paging_unmap(&kernel, address, size);
	finish_change(flags, address, size);
}

int kernel_map_protect(uint64_t address, uint64_t size, uint64_t bits)
{
	uint64_t flags = spin_lock(&lock);
	int result = paging_protect(&kernel, address, size, bits);

	finish_change(flags, address, size);
	return result;
}

int kernel_map_set_note(uint64_t address, int64_t note)
{
	uint64_t flags = spin_lock(&lock);
	int result = paging_set_note(&kernel, address, note);

	spin_unlock(&lock, flags);
	return result;
}

int64_t kernel_map_note(uint64_t address)
{
	return paging_note(&kernel, address);
}
