#include "core/symbols.h"

#include "lib/format.h"
#include "lib/string.h"
#include "linker.h"

const char *symbols_find(uint64_t address, uint64_t *offset)
{
	uint64_t image = (uint64_t)linker_image_start;
	const char *name = symbol_names;
	uint32_t index = 0;

	if (address < image || address >= (uint64_t)linker_text_end || symbol_count == 0)
		return NULL;
	if (image + symbol_offsets[0] > address)
		return NULL;
	for (; index + 1 < symbol_count && image + symbol_offsets[index + 1] <= address; index++)
		name += strlen(name) + 1;
	*offset = address - image - symbol_offsets[index];
	return name;
}

static const char *describe(uint64_t address, unsigned int back, char text[SYMBOLS_TEXT_MAX])
{
	uint64_t offset;
	const char *name = symbols_find(address - back, &offset);

	if (name != NULL)
		format_string(text, SYMBOLS_TEXT_MAX, "%s+0x%jx", name, (uintmax_t)offset + back);
	else
		format_string(text, SYMBOLS_TEXT_MAX, "%016jx", (uintmax_t)address);
	return text;
}

bool symbols_next(struct symbol *symbol)
{
	if (symbol->number == symbol_count)
		return false;
	symbol->name = symbol->number == 0 ? symbol_names : symbol->name + strlen(symbol->name) + 1;
	symbol->address = (uint64_t)linker_image_start + symbol_offsets[symbol->number++];
	return true;
}

const char *symbols_describe(uint64_t address, char text[SYMBOLS_TEXT_MAX])
{
	return describe(address, 0, text);
}

const char *symbols_describe_caller(uint64_t address, char text[SYMBOLS_TEXT_MAX])
{
	return describe(address, 1, text);
}
