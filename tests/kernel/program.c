#include "program.h"

#include "cpu.h"
#include "lib/string.h"
#include "paging.h"

static uint64_t physical_of(const struct boot_info *info, const void *address)
{
	return info->kernel.physical + ((uint64_t)address - info->kernel.base_virtual);
}

static void set_lowest_entry(uint64_t entry)
{
	uint64_t *top = paging_direct(cpu_read_cr3() & PAGE_ADDRESS);

	top[0] = entry;
	cpu_write_cr3(cpu_read_cr3());
}

void program_map(const struct boot_info *info, const uint8_t *code, size_t size)
{
	static uint64_t tables[3][512] __attribute__((aligned(PAGE_SIZE)));
	static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

	memcpy(page, code, size);
	tables[0][0] = physical_of(info, tables[1]) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
	tables[1][PROGRAM_CODE >> 21] = physical_of(info, tables[2]) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
	tables[2][0] = physical_of(info, page) | PAGE_PRESENT | PAGE_USER;
	set_lowest_entry(physical_of(info, tables[0]) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER);
}

void program_unmap(void)
{
	set_lowest_entry(0);
}
