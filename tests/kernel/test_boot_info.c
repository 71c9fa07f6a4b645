#include "kernel_test.h"

#include <stdbool.h>

#include "lib/string.h"
#include "linker.h"
#include "mm/memory_map.h"
#include "paging.h"

static const struct boot_memory_range *map_of(const struct boot_info *info)
{
	return paging_direct(info->memory_map);
}

/* Is the whole of it in memory of this type? */
static bool lies_in(const struct boot_info *info, uint64_t base, uint64_t size, uint32_t type)
{
	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		const struct boot_memory_range *r = &map_of(info)[i];

		if (r->type == type && base >= r->base && base + size <= r->base + r->size)
			return true;
	}
	return false;
}

KERNEL_TEST(boot_info_head)
{
	EXPECT(info->magic == BOOT_INFO_MAGIC && info->version == BOOT_INFO_VERSION && info->size >= sizeof(*info));
	EXPECT(info->direct_map_virtual == 0xffff800000000000);
	EXPECT(strlen(paging_direct(info->command_line)) == info->command_line_length);
	EXPECT(info->stamp_count <= BOOT_STAMP_COUNT);
}

KERNEL_TEST(boot_info_map)
{
	const struct boot_memory_range *map = map_of(info);
	uint64_t total = memory_map_ram(info);

	EXPECT(info->memory_map_count > 0);
	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		bool is_ram = map[i].type == BOOT_MEMORY_USABLE || map[i].type >= BOOT_MEMORY_LOADER;

		EXPECT(map[i].size > 0);
		EXPECT(!is_ram || (map[i].base % PAGE_SIZE == 0 && map[i].size % PAGE_SIZE == 0));
		if (i == 0)
			continue;
		EXPECT(map[i].base >= map[i - 1].base + map[i - 1].size);
		EXPECT(map[i].type != map[i - 1].type || map[i].base > map[i - 1].base + map[i - 1].size);
	}
	EXPECT(total >= 3u << 20 && total < 1ull << 46);
}

/* Every byte of RAM is so by the firmware's word. */
KERNEL_TEST(boot_info_raw_map)
{
	const struct boot_raw_range *raw = paging_direct(info->raw_map);
	uint64_t ram = 0;

	EXPECT(info->raw_map_count > 0);
	EXPECT(lies_in(info, info->raw_map, info->raw_map_count * sizeof(*raw), BOOT_MEMORY_LOADER));
	for (uint32_t i = 0; i < info->raw_map_count; i++) {
		if (raw[i].type == BOOT_MEMORY_USABLE || raw[i].type == BOOT_MEMORY_ACPI_TABLES)
			ram += raw[i].size;
	}
	EXPECT(ram >= memory_map_ram(info));
}

KERNEL_TEST(boot_info_kernel)
{
	const struct boot_kernel *k = &info->kernel;

	EXPECT(k->base_virtual == (uint64_t)linker_image_start);
	EXPECT(k->size >= (uint64_t)(linker_image_end - linker_image_start));
	EXPECT(lies_in(info, k->physical, k->size, BOOT_MEMORY_KERNEL));
	EXPECT(k->stack_size >= 8192 && k->stack_size % PAGE_SIZE == 0);
	EXPECT(k->stack_virtual <= (uint64_t)&k && (uint64_t)&k < k->stack_virtual + k->stack_size);
}

KERNEL_TEST(boot_info_places)
{
	EXPECT(lies_in(info, info->command_line, info->command_line_length + 1, BOOT_MEMORY_LOADER));
	EXPECT(lies_in(info, info->kernel.page_table, PAGE_SIZE, BOOT_MEMORY_LOADER));
	if (info->smp_frames != 0)
		EXPECT(info->smp_frames < 0x100000 && lies_in(info, info->smp_frames, 2 * PAGE_SIZE, BOOT_MEMORY_SMP));
	if (info->black_box != 0)
		EXPECT(lies_in(info, info->black_box, info->black_box_size, BOOT_MEMORY_BLACK_BOX));
}
