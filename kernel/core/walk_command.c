/*
 * walk ADDRESS: the way of an address through the page tables.
 */
#include "abi/errno.h"
#include "core/command_argument.h"
#include "core/owner.h"
#include "paging.h"

static const char *const sizes[PAGE_LEVELS + 1] = {[1] = "4 KiB", [2] = "2 MiB", [3] = "1 GiB"};

static const char *cache_name(uint64_t entry)
{
	switch (entry & PAGE_UNCACHED) {
	case 0:
		return "write-back";
	case PAGE_WRITE_COMBINING:
		return "write-combining";
	default:
		return "uncached";
	}
}

static void print_entry(
        struct command_output *output, unsigned int level, uint64_t address, uint64_t entry, bool is_page)
{
	unsigned int index = address >> (12 + 9 * (level - 1)) & 511;

	command_print(output, "level %u  entry %3u  %016lx  ", level, index, entry);
	if (!(entry & PAGE_PRESENT))
		command_print(output, "absent\n");
	else if (!is_page)
		command_print(output, "table at %llx\n", entry & PAGE_ADDRESS);
	else
		command_print(output, "page of %s, r%c%c%s, %s\n", sizes[level], entry & PAGE_WRITABLE ? 'w' : '-',
		        entry & PAGE_NO_EXECUTE ? '-' : 'x', entry & PAGE_GLOBAL ? " global" : "", cache_name(entry));
}

static void print_result(struct command_output *output, const struct paging_walk *walk)
{
	if (walk->mapped)
		command_print(output, "physical %lx, %s, %s%s\n", walk->physical,
		        walk->writable ? "writable" : "read-only", walk->executable ? "executable" : "not executable",
		        walk->user ? ", a program's" : "");
	else
		command_print(output, "not mapped\n");
}

static int walk(struct command_output *output, unsigned int count, char *const words[])
{
	char text[DESCRIBER_TEXT_MAX];
	uint64_t entries[PAGE_LEVELS], address;
	struct paging_walk result;
	unsigned int levels;

	if (count != 2)
		return command_refuse(output, words[0]);
	if (!command_address(output, words[1], &address))
		return -EINVAL;
	command_print(output, "%016lx: %s\n", address, owner_describe(address, "nobody's", text));
	result = paging_look_up(address);
	levels = paging_entries(address, entries);
	for (unsigned int i = 0; i < levels; i++)
		print_entry(output, PAGE_LEVELS - i, address, entries[i], i == levels - 1);
	print_result(output, &result);
	return 0;
}

MONITOR_COMMAND(walk, "ADDRESS", "the way of an address through the page tables", walk);
