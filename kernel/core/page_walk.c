#include "core/page_walk.h"

#include "lib/format.h"
#include "paging.h"

static size_t describe_entry(unsigned int level, uint64_t address, uint64_t entry, char *text, size_t size)
{
	unsigned int index = address >> (12 + 9 * (level - 1)) & 511;

	if (!(entry & PAGE_PRESENT))
		return format_string(text, size, "%u[%u] absent", level, index);
	return format_string(text, size, "%u[%u] r%c%c%c", level, index, entry & PAGE_WRITABLE ? 'w' : '-',
	        entry & PAGE_NO_EXECUTE ? '-' : 'x', entry & PAGE_USER ? 'u' : '-');
}

const char *page_walk_describe(uint64_t address, const uint64_t *entries, unsigned int count, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < count && length < size; i++) {
		if (i > 0)
			length += format_string(text + length, size - length, ", ");
		if (length < size)
			length += describe_entry(PAGE_LEVELS - i, address, entries[i], text + length, size - length);
	}
	return text;
}
