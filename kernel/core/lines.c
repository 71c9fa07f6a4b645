#include "core/lines.h"

#include "core/symbols.h"
#include "lib/format.h"
#include "lib/line_table.h"
#include "lib/string.h"
#include "linker.h"
#include "paging.h"

static struct {
	const void *table; /* NULL: there is none, or it is another kernel's */
	uint64_t size;
} lines;

void lines_start(const struct boot_info *info)
{
	const struct boot_module *modules = paging_direct(info->modules);

	for (uint32_t i = 0; i < info->module_count; i++) {
		if (strcmp(modules[i].name, "lines") == 0) {
			lines.table = paging_direct(modules[i].base);
			lines.size = modules[i].size;
		}
	}
}

const char *lines_describe(uint64_t address, char text[LINES_TEXT_MAX])
{
	uint64_t image = (uint64_t)linker_image_start;
	const char *file;
	uint32_t line;

	text[0] = '\0';
	if (lines.table == NULL || address < image || address >= (uint64_t)linker_text_end)
		return text;
	if (!line_table_is_of(lines.table, lines.size, symbol_build))
		return text;
	file = line_table_find(lines.table, (uint32_t)(address - image), &line);
	if (file != NULL)
		format_string(text, LINES_TEXT_MAX, " (%s:%u)", file, line);
	return text;
}
