#include "paging.h"

#include "abi/errno.h"
#include "cpu.h"
#include "linker.h"

#define TOP_LEVEL PAGE_LEVELS
#define ENTRIES   512

/*
 * PAT gives each of eight numbers, made of an entry's bits 3 and 4 (and one we leave 0), a kind of caching. Number 1 is
 * made write-combining; the others stay as they are after a reset, number 3 uncached.
 */
#define PAT_VALUE 0x0007040600070106ull

SEALED uint64_t paging_direct_map;
static uint64_t known_bits = ~0ull; /* of an entry: all, or all but NX on a CPU without it, where it is reserved */

void paging_start(const struct boot_info *info)
{
	uint64_t cr3 = cpu_read_cr3();
	uint64_t *top;

	paging_direct_map = info->direct_map_virtual;
	top = paging_direct(cr3 & PAGE_ADDRESS);
	top[0] = 0;
	cpu_write_cr3(cr3);
	if (!(cpu_read_msr(CPU_MSR_EFER) & CPU_EFER_NXE))
		known_bits = ~PAGE_NO_EXECUTE;
}

/* Higher bits of an entry are reserved (Intel SDM volume 3, 4.1.4); without the leaf there are 36 lines. */
bool paging_is_physical(uint64_t physical, uint64_t size)
{
	unsigned int lines = 36;

	if (cpu_cpuid(0x80000000, 0).eax >= 0x80000008)
		lines = cpu_cpuid(0x80000008, 0).eax & 0xff;
	return size != 0 && physical + size > physical && (physical + size - 1) >> lines == 0;
}

/* The address bits below a level's index: the offset in a page that an entry of this level maps. */
static uint64_t offset_mask(unsigned int level)
{
	return (PAGE_SIZE << 9 * (level - 1)) - 1;
}

static uint64_t index_in(uint64_t address, unsigned int level)
{
	return address / (offset_mask(level) + 1) % ENTRIES;
}

unsigned int paging_entries(uint64_t address, uint64_t entries[PAGE_LEVELS])
{
	uint64_t table = cpu_read_cr3() & PAGE_ADDRESS;
	unsigned int count = 0;

	if (paging_direct_map == 0 || !paging_is_canonical(address)) /* too early to reach the tables */
		return 0;
	for (unsigned int level = PAGE_LEVELS; level >= 1; level--) {
		const uint64_t *here = paging_direct(table);
		uint64_t entry = here[index_in(address, level)];

		entries[count++] = entry;
		if (!(entry & PAGE_PRESENT) || (level < PAGE_LEVELS && (entry & PAGE_LARGE)))
			break;
		table = entry & PAGE_ADDRESS;
	}
	return count;
}

struct paging_walk paging_look_up(uint64_t address)
{
	struct paging_walk walk = {.writable = true, .user = true, .executable = true, .level = TOP_LEVEL};
	uint64_t table = cpu_read_cr3() & PAGE_ADDRESS;

	if (paging_direct_map == 0 || !paging_is_canonical(address))
		return walk;
	for (;; walk.level--) {
		const uint64_t *entries = paging_direct(table);
		uint64_t mask = offset_mask(walk.level);

		walk.entry = entries[index_in(address, walk.level)];
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

static bool is_page(uint64_t entry, unsigned int level)
{
	return level == 1 || (level < TOP_LEVEL && (entry & PAGE_LARGE));
}

static uint64_t *entry_in(uint64_t table, uint64_t address, unsigned int level)
{
	uint64_t *entries = paging_direct(table & PAGE_ADDRESS);

	return &entries[index_in(address, level)];
}

/* The same memory with the same rights, in pages one level smaller. */
static void split(uint64_t page, unsigned int level, uint64_t *pieces)
{
	uint64_t first = page & ~offset_mask(level);
	uint64_t piece = offset_mask(level - 1) + 1;
	uint64_t bits = page & offset_mask(1);

	if (level == 2)
		bits &= ~PAGE_LARGE;
	for (uint64_t i = 0; i < ENTRIES; i++)
		pieces[i] = ((first & PAGE_ADDRESS) + i * piece) | bits | (page & PAGE_NO_EXECUTE);
}

/* A table below an entry that is empty or a large page. Its own entry gives all rights: those of pages count. */
static bool add_table(const struct paging_space *space, uint64_t *entry, unsigned int level, uint64_t address)
{
	uint64_t table = space->take_table();

	if (table == 0)
		return false;
	if (*entry & PAGE_PRESENT)
		split(*entry, level, paging_direct(table));
	*entry = table | PAGE_PRESENT | PAGE_WRITABLE | ((int64_t)address < 0 ? 0 : PAGE_USER);
	cpu_invalidate_page(address);
	return true;
}

/* The lowest-level entry for an address; makes the tables above it and splits large pages. NULL if a frame is missing.
 */
static uint64_t *make_entry(const struct paging_space *space, uint64_t address)
{
	uint64_t *entry = entry_in(space->root, address, TOP_LEVEL);

	for (unsigned int level = TOP_LEVEL; level > 1; level--) {
		if ((!(*entry & PAGE_PRESENT) || is_page(*entry, level)) && !add_table(space, entry, level, address))
			return NULL;
		entry = entry_in(*entry, address, level - 1);
	}
	return entry;
}

/* The lowest-level entry for an address, NULL where no table leads there or a large page covers it. */
static uint64_t *find_entry(const struct paging_space *space, uint64_t address)
{
	uint64_t *entry = entry_in(space->root, address, TOP_LEVEL);

	for (unsigned int level = TOP_LEVEL; level > 1; level--) {
		if (!(*entry & PAGE_PRESENT) || is_page(*entry, level))
			return NULL;
		entry = entry_in(*entry, address, level - 1);
	}
	return entry;
}

/* Copies the entries [first, ENTRIES) of a table, and all below; not what is below entry `shared`. */
static bool copy_table(const struct paging_space *space, uint64_t *to, const uint64_t *from, unsigned int level,
        uint64_t first, uint64_t shared)
{
	for (uint64_t i = first; i < ENTRIES; i++) {
		uint64_t table;

		if (!(from[i] & PAGE_PRESENT))
			continue;
		to[i] = is_page(from[i], level) ? from[i] | PAGE_GLOBAL : from[i];
		if (is_page(from[i], level) || i == shared)
			continue;
		table = space->take_table();
		if (table == 0)
			return false;
		to[i] = table | (from[i] & ~PAGE_ADDRESS);
		if (!copy_table(
		            space, paging_direct(table), paging_direct(from[i] & PAGE_ADDRESS), level - 1, 0, ENTRIES))
			return false;
	}
	return true;
}

bool paging_copy_kernel(const struct paging_space *space, uint64_t shared)
{
	return copy_table(space, paging_direct(space->root), paging_direct(cpu_read_cr3() & PAGE_ADDRESS), TOP_LEVEL,
	        ENTRIES / 2, index_in(shared, TOP_LEVEL));
}

bool paging_make_top(const struct paging_space *space, uint64_t address)
{
	uint64_t *entry = entry_in(space->root, address, TOP_LEVEL);

	return (*entry & PAGE_PRESENT) || add_table(space, entry, TOP_LEVEL, address);
}

/* The order matters: nothing is mapped with number 1 yet, and setting PGE forgets all translations. */
void paging_start_cpu(const struct paging_space *space)
{
	cpu_write_msr(CPU_MSR_PAT, PAT_VALUE);
	cpu_write_cr3(space->root);
	cpu_write_cr4(cpu_read_cr4() | CPU_CR4_PGE);
}

static uint64_t page_bits(uint64_t address, uint64_t choices)
{
	return ((choices & PAGE_CHOICES) | PAGE_PRESENT | ((int64_t)address < 0 ? PAGE_GLOBAL : 0)) & known_bits;
}

int paging_map(const struct paging_space *space, uint64_t address, uint64_t physical, uint64_t size, uint64_t bits)
{
	for (uint64_t done = 0; done < size; done += PAGE_SIZE) {
		uint64_t *entry = make_entry(space, address + done);

		if (entry == NULL || (*entry & PAGE_PRESENT)) {
			paging_unmap(space, address, done);
			return entry == NULL ? -ENOMEM : -EEXIST;
		}
		*entry = (physical + done) | page_bits(address, bits);
	}
	return 0;
}

/* Clears the entry of the lowest-level table for an address, and gives the table back; it maps nothing any more. */
static void drop_table(const struct paging_space *space, uint64_t address)
{
	uint64_t *entry = entry_in(space->root, address, TOP_LEVEL);
	uint64_t table;

	for (unsigned int level = TOP_LEVEL; level > 2; level--)
		entry = entry_in(*entry, address, level - 1);
	table = *entry & PAGE_ADDRESS;
	*entry = 0;
	cpu_invalidate_page(address);
	space->give_table(table);
}

void paging_unmap(const struct paging_space *space, uint64_t address, uint64_t size)
{
	uint64_t table_span = offset_mask(2) + 1;
	uint64_t next;

	for (uint64_t done = 0; done < size; done = next) {
		uint64_t page = address + done;
		uint64_t *entry = find_entry(space, page);

		next = done + PAGE_SIZE;
		if (entry == NULL) {
			next = done + table_span - page % table_span;
			continue;
		}
		if (*entry & PAGE_PRESENT) {
			*entry = 0;
			cpu_invalidate_page(page);
		}
		if ((address + next) % table_span == 0 && next >= table_span)
			drop_table(space, page);
	}
}

int paging_protect(const struct paging_space *space, uint64_t address, uint64_t size, uint64_t bits)
{
	for (uint64_t page = address; page != address + size; page += PAGE_SIZE) {
		uint64_t *entry = make_entry(space, page);

		if (entry == NULL)
			return -ENOMEM;
		if (!(*entry & PAGE_PRESENT))
			return -EFAULT;
	}
	for (uint64_t page = address; page != address + size; page += PAGE_SIZE) {
		uint64_t *entry = find_entry(space, page);

		*entry = (*entry & PAGE_ADDRESS) | page_bits(page, bits);
		cpu_invalidate_page(page);
	}
	return 0;
}

int paging_set_note(const struct paging_space *space, uint64_t address, int64_t note)
{
	uint64_t *entry = make_entry(space, address);

	if (entry == NULL)
		return -ENOMEM;
	*entry = (uint64_t)note << 1;
	return 0;
}

int64_t paging_note(const struct paging_space *space, uint64_t address)
{
	const uint64_t *entry = find_entry(space, address);

	return entry == NULL || (*entry & PAGE_PRESENT) ? 0 : (int64_t)*entry >> 1;
}
