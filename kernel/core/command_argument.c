#include "core/command_argument.h"

#include "core/symbols.h"
#include "lib/number.h"
#include "lib/string.h"

bool command_number(struct command_output *output, const char *word, uint64_t *number)
{
	if (number_parse(word, 10, number))
		return true;
	command_print(output, "\"%s\" is no number.\n", word);
	return false;
}

static bool find_symbol(const char *word, uint64_t *address)
{
	const char *plus = strchr(word, '+');
	size_t length = plus != NULL ? (size_t)(plus - word) : strlen(word);
	struct symbol symbol = {.name = NULL};
	uint64_t offset = 0;

	if (plus != NULL && !number_parse(plus + 1, 16, &offset))
		return false;
	while (symbols_next(&symbol)) {
		if (strlen(symbol.name) == length && memcmp(symbol.name, word, length) == 0) {
			*address = symbol.address + offset;
			return true;
		}
	}
	return false;
}

bool command_parse_address(const char *word, uint64_t *address)
{
	return find_symbol(word, address) || number_parse(word, 16, address);
}

bool command_address(struct command_output *output, const char *word, uint64_t *address)
{
	if (command_parse_address(word, address))
		return true;
	command_print(output, "\"%s\" is neither a hexadecimal number nor the name of a function.\n", word);
	return false;
}
