/*
 * Any bytes as runs of a line table, and any as names: what is found lies in the table and ends there.
 */
#include <stdlib.h>
#include <string.h>

#include "format/line_table.h"
#include "lib/line_table.h"

#define BUILD 7u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says where the names begin. A table as a whole that is wrong is refused, or read to its end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_table_header header = {LINE_TABLE_MAGIC, BUILD, 0, 0};
	size_t whole = sizeof(header) + size;
	uint8_t *table = malloc(whole);

	if (size > 0) {
		header.names_size = (uint32_t)(data[0] % (size + 1));
		header.runs_size = (uint32_t)size - header.names_size;
	}
	memcpy(table, &header, sizeof(header));
	memcpy(table + sizeof(header), data, size);
	if (line_table_is_of(table, whole, BUILD)) {
		for (uint32_t offset = 0; offset < 4096; offset = 3 * offset + 1) {
			uint32_t line;
			const char *file = line_table_find(table, offset, &line);

			if (file != NULL && (file < (char *)table || file + strlen(file) >= (char *)table + whole))
				abort();
		}
	}
	free(table);
	return 0;
}
