/*
 * sym NAME or ADDRESS: where a function is, and which function is somewhere.
 */
#include "abi/errno.h"
#include "core/command_argument.h"
#include "core/lines.h"
#include "core/symbols.h"
#include "lib/string.h"

static bool is_inside(const char *text, const char *part)
{
	size_t length = strlen(part);

	for (; *text != '\0'; text++) {
		if (strncmp(text, part, length) == 0)
			return true;
	}
	return false;
}

static void print_symbol(struct command_output *output, const struct symbol *symbol)
{
	char place[LINES_TEXT_MAX];

	command_print(output, "%016lx  %s%s\n", symbol->address, symbol->name, lines_describe(symbol->address, place));
}

/* Those of that name: static functions of several files may share one. Or all with the name as a part of theirs. */
static unsigned int print_named(struct command_output *output, const char *name, bool whole)
{
	struct symbol symbol = {.name = NULL};
	unsigned int count = 0;

	while (symbols_next(&symbol)) {
		if (whole ? strcmp(symbol.name, name) == 0 : is_inside(symbol.name, name)) {
			print_symbol(output, &symbol);
			count++;
		}
	}
	return count;
}

static int print_address(struct command_output *output, uint64_t address)
{
	char text[SYMBOLS_TEXT_MAX], place[LINES_TEXT_MAX];
	uint64_t offset;

	if (symbols_find(address, &offset) == NULL) {
		command_print(output, "%016lx is not in the kernel's code.\n", address);
		return -ENOENT;
	}
	command_print(
	        output, "%016lx  %s%s\n", address, symbols_describe(address, text), lines_describe(address, place));
	return 0;
}

static int find(struct command_output *output, unsigned int count, char *const words[])
{
	uint64_t address;

	if (count != 2)
		return command_refuse(output, words[0]);
	if (print_named(output, words[1], true) > 0)
		return 0;
	if (command_parse_address(words[1], &address))
		return print_address(output, address);
	if (print_named(output, words[1], false) > 0)
		return 0;
	command_print(output, "No function has \"%s\" in its name.\n", words[1]);
	return -ENOENT;
}

MONITOR_COMMAND(sym, "NAME | ADDRESS", "where a function is, or which one an address lies in", find);
