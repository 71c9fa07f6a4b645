/*
 * boot: how this system was started.
 */
#include <stddef.h>

#include "core/hand_over.h"
#include "core/monitor_command.h"
#include "lib/human_size.h"
#include "lib/string.h"
#include "mm/memory_map.h"
#include "paging.h"
#include "time/boot_table.h"

static void print_drive(struct command_output *output, const struct boot_info *info)
{
	const struct boot_drive *drive = &info->drive;

	command_print(output, "drive          %02x, %s, blocks of %u bytes, image at block %lu\n", drive->bios_number,
	        drive->access == BOOT_DISK_CHS ? "by cylinder, head, sector" : "by EDD", drive->block_size,
	        drive->header_lba);
	command_print(output, "used           kernel slot %c, copy %c of stage 2\n", 'A' + drive->kernel_slot,
	        'A' + drive->stage2_copy);
}

static void print_notes(struct command_output *output, const struct boot_info *info)
{
	static const char *const a20[] = {"?", "was on", "by the BIOS", "by port 92h", "by the keyboard controller"};
	static const char *const sources[] = {"?", "E820h", "AX=E801h", "AH=88h"};
	const struct boot_notes *n = &info->notes;

	command_print(output, "A20            %s\n", a20[n->a20_method <= BOOT_A20_KEYBOARD ? n->a20_method : 0]);
	command_print(output, "memory map     INT 15h %s, %u ranges\n",
	        sources[n->memory_source <= BOOT_MEMORY_FROM_88 ? n->memory_source : 0], info->raw_map_count);
	command_print(output, "disk           %u read%s repeated, %u block%s damaged, %u from the other slot\n",
	        n->read_retries, n->read_retries == 1 ? "" : "s", n->crc_errors, n->crc_errors == 1 ? "" : "s",
	        n->blocks_from_other_slot);
	command_print(output, "battery clock  %s\n", n->rtc_valid ? "kept the time" : "has lost the time");
}

static void print_modules(struct command_output *output, const struct boot_info *info)
{
	const struct boot_module *modules = paging_direct(info->modules);
	char size[HUMAN_SIZE_MAX];

	for (uint32_t i = 0; i < info->module_count; i++)
		command_print(output, "module         %s, %s at %lx\n", modules[i].name,
		        human_size(modules[i].size, size), modules[i].base);
}

static void print_range(struct command_output *output, uint64_t base, uint64_t size, const char *name)
{
	char text[HUMAN_SIZE_MAX];

	command_print(output, "  %012lx-%012lx  %10s  %s\n", base, base + size - 1, human_size(size, text), name);
}

static void print_maps(struct command_output *output, const struct boot_info *info)
{
	const struct boot_memory_range *clean = paging_direct(info->memory_map);
	const struct boot_raw_range *raw = paging_direct(info->raw_map);

	command_print(output, "\nmemory as the firmware gave it:\n");
	for (uint32_t i = 0; i < info->raw_map_count; i++)
		print_range(output, raw[i].base, raw[i].size, memory_map_type_name(raw[i].type));
	command_print(output, "and cleaned, with what the loader put there:\n");
	for (uint32_t i = 0; i < info->memory_map_count; i++)
		print_range(output, clean[i].base, clean[i].size, memory_map_type_name(clean[i].type));
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	const struct boot_info *info = hand_over_info();
	char size[HUMAN_SIZE_MAX];

	if (count > 2 || (count == 2 && strcmp(words[1], "times") != 0))
		return command_refuse(output, words[0]);
	if (count == 2) {
		boot_table_print(output, info);
		return 0;
	}
	command_print(output, "command line   %s\n", (const char *)paging_direct(info->command_line));
	print_drive(output, info);
	print_notes(output, info);
	print_modules(output, info);
	command_print(output, "kernel         %s at %lx, seen at %lx\n", human_size(info->kernel.size, size),
	        info->kernel.physical, info->kernel.base_virtual);
	command_print(output, "\n");
	boot_table_print(output, info);
	print_maps(output, info);
	command_print(
	        output, "\nthe loader said:\n%.*s", (int)info->log_length, (const char *)paging_direct(info->log));
	return 0;
}

MONITOR_COMMAND(boot, "[times]", "how the system was started: drive, times, memory map", print);
