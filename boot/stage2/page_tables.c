#include "page_tables.h"

#include "layout.h"
#include "memory.h"
#include "panic.h"

#define ENTRY_PRESENT       (1ull << 0)
#define ENTRY_WRITE         (1ull << 1)
#define ENTRY_WRITE_THROUGH (1ull << 3)
#define ENTRY_CACHE_DISABLE (1ull << 4)
#define ENTRY_LARGE         (1ull << 7)
#define ENTRY_NO_EXECUTE    (1ull << 63)
#define ENTRY_ADDRESS       0x000ffffffffff000ull

#define LEVELS 4

static uint64_t *root;
static const struct cpu_features *cpu;

static uint64_t *new_table(void)
{
	return memory_allocate(PAGE_SIZE, BOOT_MEMORY_LOADER, "a page table");
}

void page_tables_init(const struct cpu_features *features)
{
	cpu = features;
	root = new_table();
}

/* Bytes that one entry of a level covers, as a power of two: 12, 21, 30, 39 for levels 1 to 4. */
static unsigned level_shift(unsigned level)
{
	return 3 + 9 * level;
}

static _Noreturn void refuse(uint64_t virtual)
{
	boot_fail(BOOT_ERROR_KERNEL_PLACE, "the kernel wants the address %llx, where the loader maps something else",
	        (unsigned long long)virtual);
}

/* The entry for `virtual` in the table of `level`, making the tables above it. */
static uint64_t *find_entry(uint64_t virtual, unsigned level)
{
	uint64_t *table = root;
	for (unsigned l = LEVELS; l > level; l--) {
		uint64_t *entry = &table[virtual >> level_shift(l) & 511];
		if (!*entry)
			*entry = (uint32_t)new_table() | ENTRY_PRESENT | ENTRY_WRITE;
		if (*entry & ENTRY_LARGE)
			refuse(virtual);
		table = (uint64_t *)(uint32_t)(*entry & ENTRY_ADDRESS);
	}
	return &table[virtual >> level_shift(level) & 511];
}

static uint64_t entry_bits(unsigned flags)
{
	uint64_t bits = ENTRY_PRESENT;
	if (flags & PAGE_WRITE)
		bits |= ENTRY_WRITE;
	if (flags & PAGE_DEVICE)
		bits |= ENTRY_WRITE_THROUGH | ENTRY_CACHE_DISABLE;
	if (flags & PAGE_FRAMEBUFFER)
		bits |= ENTRY_WRITE_THROUGH;
	if (!(flags & PAGE_EXECUTE) && cpu->no_execute)
		bits |= ENTRY_NO_EXECUTE;
	return bits;
}

/* The highest level whose page fits at the start of the stretch. */
static unsigned largest_level(uint64_t virtual, uint64_t physical, uint64_t size)
{
	for (unsigned level = cpu->giant_pages ? 3 : 2; level > 1; level--) {
		uint64_t page = 1ull << level_shift(level);
		if (!((virtual | physical) & (page - 1)) && size >= page)
			return level;
	}
	return 1;
}

/* Fills `count` entries of one table. */
static void fill(uint64_t *entry, uint32_t count, uint64_t virtual, uint64_t value, uint64_t page)
{
	for (; count; count--, entry++, value += page) {
		if (*entry)
			refuse(virtual);
		*entry = value;
	}
}

void page_tables_map(uint64_t virtual, uint64_t physical, uint64_t size, unsigned flags)
{
	uint64_t bits = entry_bits(flags);
	while (size) {
		unsigned level = largest_level(virtual, physical, size), shift = level_shift(level);
		/* The rest of a table at once, there can be thousands of entries: larger pages begin where tables do.
		 */
		uint32_t count = 512 - (virtual >> shift & 511);
		if (size >> shift < count)
			count = size >> shift;
		uint64_t covered = (uint64_t)count << shift;
		fill(find_entry(virtual, level), count, virtual, physical | bits | (level > 1 ? ENTRY_LARGE : 0),
		        1ull << shift);
		virtual += covered;
		physical += covered;
		size -= covered;
	}
}

void page_tables_forget(uint64_t virtual)
{
	*find_entry(virtual, 3) = 0;
}

uint32_t page_tables_root(void)
{
	return (uint32_t)root;
}
