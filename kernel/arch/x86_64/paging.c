#include "paging.h"

#include "cpu.h"

#define TOP_LEVEL 4

static uint64_t direct_map;

void *paging_direct(uint64_t physical)
{
	return (void *)(direct_map + physical);
}

void paging_start(const struct boot_info *info)
{
	uint64_t cr3 = cpu_read_cr3();
	uint64_t *top;

	direct_map = info->direct_map_virtual;
	top = paging_direct(cr3 & PAGE_ADDRESS);
	top[0] = 0;
	cpu_write_cr3(cr3);
}

/* The address bits below a level's index: the offset in a page that an entry of this level maps. */
static uint64_t offset_mask(unsigned int level)
{
	return (PAGE_SIZE << 9 * (level - 1)) - 1;
}

static bool is_canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

struct paging_walk paging_look_up(uint64_t address)
{
	struct paging_walk walk = {.writable = true, .user = true, .executable = true, .level = TOP_LEVEL};
	uint64_t table = cpu_read_cr3() & PAGE_ADDRESS;

	if (direct_map == 0 || !is_canonical(address)) /* 0: too early, the tables cannot be reached yet */
		return walk;
	for (;; walk.level--) {
		const uint64_t *entries = paging_direct(table);
		uint64_t mask = offset_mask(walk.level);

		walk.entry = entries[address / (mask + 1) % 512];
		if (!(walk.entry & PAGE_PRESENT))
			return walk;
		walk.writable &= (walk.entry & PAGE_WRITABLE) != 0;
		walk.user &= (walk.entry & PAGE_USER) != 0;
		walk.executable &= (walk.entry & PAGE_NO_EXECUTE) == 0;
		if (walk.level == 1 || (walk.level < TOP_LEVEL && (walk.entry & PAGE_LARGE))) {
			walk.mapped = true;
			walk.physical = (walk.entry & PAGE_ADDRESS & ~mask) | (address & mask);
			return walk;
		}
		table = walk.entry & PAGE_ADDRESS;
	}
}

bool paging_can_read(uint64_t address, uint64_t size)
{
	uint64_t last = address + size - 1;

	if (size == 0)
		return true;
	if ((int64_t)address >= 0 || last < address)
		return false;
	for (uint64_t page = address & ~(PAGE_SIZE - 1); page <= last; page += PAGE_SIZE) {
		if (!paging_look_up(page).mapped)
			return false;
		if (page + PAGE_SIZE < page)
			break;
	}
	return true;
}
