/*
 * What the page tables allow after the start, by reading them and by trying.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "cpu.h"
#include "cpu_identity.h"
#include "linker.h"
#include "paging.h"
#include "probe.h"

#define RETURN_INSTRUCTION 0xc3

/* Are all pages of the range mapped with exactly these rights? */
static bool all_are(const char *start, const char *end, bool writable, bool executable)
{
	for (uint64_t page = (uint64_t)start & ~(PAGE_SIZE - 1); page < (uint64_t)end; page += PAGE_SIZE) {
		struct paging_walk walk = paging_look_up(page);

		if (!walk.mapped || walk.user || walk.writable != writable)
			return false;
		if (walk.executable != executable && cpu_has(CPU_NX))
			return false;
	}
	return true;
}

KERNEL_TEST(mapping_of_segments)
{
	EXPECT(all_are(linker_image_start, linker_text_end, false, true));
	EXPECT(all_are(linker_rodata_start, linker_rodata_end, false, false));
	EXPECT(all_are(linker_data_start, linker_sealed_start, true, false));
	EXPECT(all_are(linker_sealed_start, linker_sealed_end, false, false));
	EXPECT(all_are(linker_sealed_end, linker_image_end, true, false));
}

/* Where the image lies in RAM is what boot_info says. */
KERNEL_TEST(mapping_of_image)
{
	for (const char *p = linker_image_start; p < linker_image_end; p += PAGE_SIZE)
		EXPECT(paging_look_up((uint64_t)p).physical ==
		        info->kernel.physical + (uint64_t)(p - linker_image_start));
}

KERNEL_TEST(mapping_rights_are_enforced)
{
	EXPECT(cpu_read_cr0() & CPU_CR0_WP);
	EXPECT(!cpu_has(CPU_NX) || (cpu_read_msr(CPU_MSR_EFER) & CPU_EFER_NXE));
}

KERNEL_TEST(write_to_text_faults)
{
	struct probe probe = probe_write((uint64_t)linker_image_start, 0);

	EXPECT(probe.faulted && probe.error == (PROBE_PRESENT | PROBE_WRITE));
}

KERNEL_TEST(write_to_rodata_faults)
{
	struct probe probe = probe_write((uint64_t)linker_rodata_start, 0);

	EXPECT(probe.faulted && probe.error == (PROBE_PRESENT | PROBE_WRITE));
}

KERNEL_TEST(write_to_data_works)
{
	static uint8_t byte;

	EXPECT(!probe_write((uint64_t)&byte, 0x5a).faulted);
	EXPECT(*(volatile uint8_t *)&byte == 0x5a);
}

KERNEL_TEST(executing_data_faults)
{
	static uint8_t code = RETURN_INSTRUCTION;
	struct probe probe;

	if (!cpu_has(CPU_NX))
		SKIP("this CPU has no NX");
	probe = probe_execute((uint64_t)&code);
	EXPECT(probe.faulted && probe.error == (PROBE_PRESENT | PROBE_FETCH));
}

KERNEL_TEST(stack_has_a_guard)
{
	uint64_t stack = info->kernel.stack_virtual;

	for (uint64_t page = stack; page < stack + info->kernel.stack_size; page += PAGE_SIZE)
		EXPECT(paging_look_up(page).writable);
	EXPECT(!paging_look_up(stack - 1).mapped);
	EXPECT(probe_write(stack - 1, 0).faulted);
}

KERNEL_TEST(null_is_not_mapped)
{
	const uint64_t *top = paging_direct(cpu_read_cr3() & PAGE_ADDRESS);
	struct probe probe = probe_read(0);

	EXPECT(probe.faulted && probe.error == 0);
	EXPECT(top[0] == 0);
}

/* Looks at everything below a table; the address of the first page that is writable and executable, or 0. */
static uint64_t find_writable_code(uint64_t table, unsigned int level, uint64_t base)
{
	const uint64_t *entries = paging_direct(table);

	for (unsigned int i = 0; i < 512; i++) {
		uint64_t address = base + ((uint64_t)i << (12 + 9 * (level - 1)));
		uint64_t found;

		if (level == 4 && i >= 256)
			address |= 0xffff000000000000;
		if (!(entries[i] & PAGE_PRESENT))
			continue;
		if (level == 1 || (level < 4 && (entries[i] & PAGE_LARGE))) {
			struct paging_walk walk = paging_look_up(address);

			if (walk.writable && walk.executable)
				return address;
			continue;
		}
		found = find_writable_code(entries[i] & PAGE_ADDRESS, level - 1, address);
		if (found != 0)
			return found;
	}
	return 0;
}

KERNEL_TEST(nothing_is_writable_and_executable)
{
	if (!cpu_has(CPU_NX))
		SKIP("this CPU has no NX");
	EXPECT(find_writable_code(cpu_read_cr3() & PAGE_ADDRESS, 4, 0) == 0);
}

/* The highest page of usable RAM at or above 4 GiB, or 0. */
static uint64_t high_page(const struct boot_info *info)
{
	const struct boot_memory_range *map = paging_direct(info->memory_map);
	uint64_t page = 0;

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		uint64_t end = map[i].base + map[i].size;

		if (map[i].type == BOOT_MEMORY_USABLE && end > 1ull << 32)
			page = end - PAGE_SIZE;
	}
	return page;
}

KERNEL_TEST(page_above_4_gib)
{
	uint64_t page = high_page(info);
	volatile uint64_t *words;

	if (page == 0)
		SKIP("no RAM above 4 GiB");
	words = paging_direct(page);
	for (uint64_t i = 0; i < PAGE_SIZE / 8; i++)
		words[i] = page + i;
	for (uint64_t i = 0; i < PAGE_SIZE / 8; i++)
		EXPECT(words[i] == page + i);
	EXPECT(paging_look_up((uint64_t)words).physical == page);
}
