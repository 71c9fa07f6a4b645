#include "device_window.h"

#include "cpu.h"
#include "paging.h"

#define WINDOW         0xffffd00000000000ull /* an otherwise unused entry of the top level */
#define ENTRIES        512
#define UNCACHED       (1ull << 4 | 1ull << 3)
#define ENTRY_OF_LEVEL (PAGE_PRESENT | PAGE_WRITABLE)

static uint64_t level3[ENTRIES] __attribute__((aligned(4096)));
static uint64_t level2[ENTRIES] __attribute__((aligned(4096)));
static uint64_t level1[ENTRIES] __attribute__((aligned(4096)));
static size_t used; /* pages */

static uint64_t physical_of(const void *pointer)
{
	return paging_look_up((uint64_t)pointer).physical;
}

static void open_window(void)
{
	uint64_t *top = paging_direct(cpu_read_cr3() & PAGE_ADDRESS);

	level2[0] = physical_of(level1) | ENTRY_OF_LEVEL;
	level3[0] = physical_of(level2) | ENTRY_OF_LEVEL;
	top[WINDOW >> 39 & (ENTRIES - 1)] = physical_of(level3) | ENTRY_OF_LEVEL;
}

void *device_window_map(uint64_t physical, size_t size)
{
	uint64_t offset = physical % PAGE_SIZE;
	size_t pages = (offset + size + PAGE_SIZE - 1) / PAGE_SIZE;
	uint64_t address = WINDOW + used * PAGE_SIZE + offset;

	if (used == 0)
		open_window();
	if (pages > ENTRIES - used)
		return NULL;
	for (size_t i = 0; i < pages; i++)
		level1[used + i] = (physical - offset + i * PAGE_SIZE) | ENTRY_OF_LEVEL | UNCACHED |
		                   (cpu_read_msr(CPU_MSR_EFER) & CPU_EFER_NXE ? PAGE_NO_EXECUTE : 0);
	used += pages;
	return (void *)address;
}
