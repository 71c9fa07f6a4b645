#include "mm/memory_map.h"

#include <stdbool.h>

#include "core/log.h"
#include "core/panic.h"
#include "lib/human_size.h"
#include "mm/frames.h"
#include "paging.h"

static const struct boot_memory_range *ranges_of(const struct boot_info *info)
{
	return paging_direct(info->memory_map);
}

const char *memory_map_type_name(uint32_t type)
{
	switch (type) {
	case BOOT_MEMORY_USABLE:
		return "usable";
	case BOOT_MEMORY_ACPI_TABLES:
		return "ACPI tables";
	case BOOT_MEMORY_ACPI_NVS:
		return "ACPI storage";
	case BOOT_MEMORY_BAD:
		return "defective";
	case BOOT_MEMORY_LOADER:
		return "loader";
	case BOOT_MEMORY_KERNEL:
		return "kernel";
	case BOOT_MEMORY_MODULE:
		return "module";
	case BOOT_MEMORY_BLACK_BOX:
		return "black box";
	case BOOT_MEMORY_SMP:
		return "start of other CPUs";
	default:
		return "reserved";
	}
}

static bool is_ram(uint32_t type)
{
	return type == BOOT_MEMORY_USABLE || type == BOOT_MEMORY_ACPI_TABLES || type >= BOOT_MEMORY_LOADER;
}

void memory_map_check(const struct boot_info *info)
{
	const struct boot_memory_range *ranges = ranges_of(info);
	uint64_t end = 0;

	if (info->memory_map_count == 0)
		panic("The memory map is empty.");
	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		if (ranges[i].size == 0 || ranges[i].base < end || ranges[i].base + ranges[i].size < ranges[i].base)
			panic("The memory map is wrong at range %u: %016lx, %lx bytes.", i, ranges[i].base,
			        ranges[i].size);
		end = ranges[i].base + ranges[i].size;
	}
}

uint64_t memory_map_ram(const struct boot_info *info)
{
	const struct boot_memory_range *ranges = ranges_of(info);
	uint64_t total = 0;

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		if (is_ram(ranges[i].type))
			total += ranges[i].size;
	}
	return total;
}

uint64_t memory_map_ram_end(const struct boot_info *info)
{
	const struct boot_memory_range *ranges = ranges_of(info);
	uint64_t end = 0;

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		if (is_ram(ranges[i].type))
			end = ranges[i].base + ranges[i].size;
	}
	return end;
}

const char *memory_map_name(const struct boot_info *info, uint64_t physical)
{
	const struct boot_memory_range *ranges = ranges_of(info);

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		if (physical >= ranges[i].base && physical - ranges[i].base < ranges[i].size)
			return memory_map_type_name(ranges[i].type);
	}
	return "no RAM";
}

void memory_map_print(const struct boot_info *info)
{
	const struct boot_memory_range *ranges = ranges_of(info);
	uint64_t total = memory_map_ram(info);
	char size[HUMAN_SIZE_MAX], free[HUMAN_SIZE_MAX];

	log_info("Memory: %s (%lu KiB of RAM), %s free\n", human_size(total, size), total / 1024,
	        human_size(frames_count().free * PAGE_SIZE, free));
	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		const struct boot_memory_range *r = &ranges[i];

		if (is_ram(r->type))
			log_info("  %012lx - %012lx  %10s  %s\n", r->base, r->base + r->size - 1,
			        human_size(r->size, size), memory_map_type_name(r->type));
	}
}
