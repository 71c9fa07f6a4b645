/*
 * x ADDRESS [COUNT]: what is in memory.
 */
#include "abi/errno.h"
#include "core/command_argument.h"
#include "core/fault.h"
#include "core/owner.h"
#include "lib/format.h"
#include "lib/string.h"
#include "paging.h"

#define LINE_BYTES    16u
#define COUNT_DEFAULT 64u
#define COUNT_MAX     65536u

#define HEX_WIDTH 39 /* of a whole line: blanks between pairs of bytes */

struct copy {
	uint64_t from;
	uint8_t to[LINE_BYTES];
	size_t length;
};

static void run_copy(void *context)
{
	struct copy *copy = context;

	memcpy(copy->to, (const void *)copy->from, copy->length);
}

static void print_line(struct command_output *output, const struct copy *copy)
{
	char hex[HEX_WIDTH + 1] = "", characters[LINE_BYTES + 1];
	size_t length = 0;

	for (size_t i = 0; i < copy->length; i++) {
		const char *format = i % 2 == 0 && i > 0 ? " %02x" : "%02x";

		length += format_string(hex + length, sizeof(hex) - length, format, copy->to[i]);
		characters[i] = copy->to[i] >= ' ' && copy->to[i] <= '~' ? (char)copy->to[i] : '.';
	}
	characters[copy->length] = '\0';
	command_print(output, "%016lx  %-*s  %s\n", copy->from, HEX_WIDTH, hex, characters);
}

/* Why the page of an address is not looked into; NULL: it can be. Reading the registers of a device may change it. */
static const char *find_obstacle(uint64_t address)
{
	struct paging_walk walk = paging_look_up(address);

	if (!walk.mapped)
		return "nothing is mapped there";
	if ((walk.entry & PAGE_UNCACHED) == PAGE_UNCACHED)
		return "the registers of a device, which reading may change";
	return NULL;
}

/* Bytes from an address to the end of the line or page, at most `left`. */
static size_t line_length(uint64_t address, uint64_t left)
{
	uint64_t length = PAGE_SIZE - address % PAGE_SIZE;

	if (length > LINE_BYTES)
		length = LINE_BYTES;
	return length < left ? length : left;
}

static int refuse(struct command_output *output, uint64_t address, const char *why)
{
	char text[DESCRIBER_TEXT_MAX];

	command_print(output, "%016lx: %s\n                  (%s)\n", address, why,
	        owner_describe(address, "nobody's", text));
	return -EFAULT;
}

static int print_bytes(struct command_output *output, uint64_t address, uint64_t count)
{
	while (count > 0) {
		struct copy copy = {.from = address, .length = line_length(address, count)};
		const char *obstacle = find_obstacle(address);

		if (obstacle == NULL && !fault_try(run_copy, &copy))
			obstacle = "it cannot be read";
		if (obstacle != NULL)
			return refuse(output, address, obstacle);
		print_line(output, &copy);
		address += copy.length;
		count -= copy.length;
	}
	return 0;
}

static int examine(struct command_output *output, unsigned int count, char *const words[])
{
	uint64_t address, bytes = COUNT_DEFAULT;

	if (count < 2 || count > 3)
		return command_refuse(output, words[0]);
	if (!command_address(output, words[1], &address) || (count == 3 && !command_number(output, words[2], &bytes)))
		return -EINVAL;
	if (bytes == 0 || bytes > COUNT_MAX) {
		command_print(output, "From 1 to %u bytes are shown at a time.\n", COUNT_MAX);
		return -EINVAL;
	}
	return print_bytes(output, address, bytes);
}

MONITOR_COMMAND(x, "ADDRESS [COUNT]", "bytes in memory, at an address or a function's name", examine);
