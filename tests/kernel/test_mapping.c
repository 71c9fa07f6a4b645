/*
 * What the page tables allow after the start, by reading them and by trying.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "cpu.h"
#include "cpu_identity.h"
#include "linker.h"
#include "mm/frames.h"
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

struct page {
	uint64_t address, size;
	struct paging_walk walk;
};

/* Looks at every page below a table; the address of the first that the function calls wrong, or 0. */
static uint64_t find_page(uint64_t table, unsigned int level, uint64_t base, bool (*is_wrong)(const struct page *page))
{
	const uint64_t *entries = paging_direct(table);

	for (unsigned int i = 0; i < 512; i++) {
		uint64_t size = PAGE_SIZE << 9 * (level - 1);
		uint64_t address = base + i * size;
		uint64_t found = 0;

		if (level == 4 && i >= 256)
			address |= 0xffff000000000000;
		if (!(entries[i] & PAGE_PRESENT))
			continue;
		if (level == 1 || (level < 4 && (entries[i] & PAGE_LARGE))) {
			struct page page = {address, size, paging_look_up(address)};

			if (is_wrong(&page))
				return address == 0 ? 1 : address;
			continue;
		}
		found = find_page(entries[i] & PAGE_ADDRESS, level - 1, address, is_wrong);
		if (found != 0)
			return found;
	}
	return 0;
}

static uint64_t find_wrong(bool (*is_wrong)(const struct page *page))
{
	return find_page(cpu_read_cr3() & PAGE_ADDRESS, 4, 0, is_wrong);
}

static bool is_writable_code(const struct page *page)
{
	return page->walk.writable && page->walk.executable;
}

static bool is_code_elsewhere(const struct page *page)
{
	return page->walk.executable &&
	       (page->address < (uint64_t)linker_image_start || page->address >= (uint64_t)linker_text_end);
}

KERNEL_TEST(nothing_is_writable_and_executable)
{
	if (!cpu_has(CPU_NX))
		SKIP("this CPU has no NX");
	EXPECT(find_wrong(is_writable_code) == 0);
}

/* So no stack, no device and no heap is. */
KERNEL_TEST(only_code_is_executable)
{
	if (!cpu_has(CPU_NX))
		SKIP("this CPU has no NX");
	EXPECT(find_wrong(is_code_elsewhere) == 0);
}

static bool is_of_programs(const struct page *page)
{
	return page->walk.user || (int64_t)page->address >= 0;
}

static bool is_not_global(const struct page *page)
{
	return !(page->walk.entry & PAGE_GLOBAL);
}

KERNEL_TEST(all_pages_are_the_kernels)
{
	EXPECT(find_wrong(is_of_programs) == 0);
	EXPECT(find_wrong(is_not_global) == 0);
	EXPECT(cpu_read_cr4() & CPU_CR4_PGE);
}

static uint64_t code_start, code_end; /* physical: code and constants */

static bool is_writable_view_of_code(const struct page *page)
{
	return page->walk.writable && page->walk.physical < code_end && page->walk.physical + page->size > code_start;
}

/* By no address at all. */
KERNEL_TEST(code_is_nowhere_writable)
{
	struct probe probe;

	code_start = info->kernel.physical;
	code_end = code_start + (uint64_t)(linker_rodata_end - linker_image_start);
	EXPECT(find_wrong(is_writable_view_of_code) == 0);
	probe = probe_write((uint64_t)paging_direct(code_start), 0);
	EXPECT(probe.faulted && probe.error == (PROBE_PRESENT | PROBE_WRITE));
}

/* PAT's kinds of caching (Intel SDM volume 3, table 12-10). */
#define PAT_UNCACHED        0u
#define PAT_WRITE_COMBINING 1u
#define PAT_WRITE_BACK      6u

static unsigned int kind_of_caching(uint64_t entry)
{
	return cpu_read_msr(CPU_MSR_PAT) >> 8 * (entry >> 3 & 3) & 0xff;
}

KERNEL_TEST(caching_is_by_kind)
{
	EXPECT(kind_of_caching(0) == PAT_WRITE_BACK);
	EXPECT(kind_of_caching(PAGE_UNCACHED) == PAT_UNCACHED);
	EXPECT(kind_of_caching(PAGE_WRITE_COMBINING) == PAT_WRITE_COMBINING);
	EXPECT(kind_of_caching(paging_look_up((uint64_t)linker_image_start).entry) == PAT_WRITE_BACK);
	if (info->text_screen.base != 0)
		EXPECT(kind_of_caching(paging_look_up(info->text_screen.base_virtual).entry) == PAT_UNCACHED);
	if (info->framebuffer.base != 0)
		EXPECT(kind_of_caching(paging_look_up(info->framebuffer.base_virtual).entry) == PAT_WRITE_COMBINING);
}

/* The kernel takes memory from above 4 GiB first. */
KERNEL_TEST(page_above_4_gib)
{
	uint64_t page = frames_allocate(0, 0);
	volatile uint64_t *words = paging_direct(page);

	if (page < 1ull << 32) {
		frames_free(page);
		SKIP("no RAM above 4 GiB");
	}
	for (uint64_t i = 0; i < PAGE_SIZE / 8; i++)
		words[i] = page + i;
	for (uint64_t i = 0; i < PAGE_SIZE / 8; i++)
		EXPECT(words[i] == page + i);
	EXPECT(paging_look_up((uint64_t)words).physical == page);
	frames_free(page);
}
