#include "lib/line_table.h"

#include "format/line_table.h"
#include "lib/string.h"

/* The rest of the runs. */
struct reader {
	const uint8_t *next, *end;
};

struct run {
	uint32_t offset, line, file;
};

static bool read_number(struct reader *reader, uint32_t *number)
{
	*number = 0;
	for (unsigned int shift = 0; shift < 32 && reader->next < reader->end; shift += 7) {
		uint8_t byte = *reader->next++;

		*number |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* Makes the run the next one. */
static bool read_run(struct reader *reader, struct run *run)
{
	uint32_t distance, step, zigzag;

	if (!read_number(reader, &distance) || !read_number(reader, &step))
		return false;
	zigzag = step >> 1;
	run->offset += distance;
	run->line += zigzag & 1 ? ~(zigzag >> 1) : zigzag >> 1;
	return !(step & 1) || read_number(reader, &run->file);
}

static const char *find_name(const char *names, uint32_t size, uint32_t index)
{
	const char *end = names + size;

	for (; names < end; names += strlen(names) + 1) {
		if (index-- == 0)
			return names;
	}
	return NULL;
}

bool line_table_is_of(const void *table, size_t size, uint32_t build)
{
	const struct line_table_header *header = table;
	const char *end = (const char *)table + size;

	if (size < sizeof(*header) || header->magic != LINE_TABLE_MAGIC || header->build != build)
		return false;
	if (header->runs_size > size - sizeof(*header) ||
	        header->names_size != size - sizeof(*header) - header->runs_size)
		return false;
	return header->names_size > 0 && end[-1] == '\0';
}

const char *line_table_find(const void *table, uint32_t offset, uint32_t *line)
{
	const struct line_table_header *header = table;
	const uint8_t *runs = (const uint8_t *)(header + 1);
	struct reader reader = {runs, runs + header->runs_size};
	struct run run = {0, 0, 0}, found = run;

	while (read_run(&reader, &run) && run.offset <= offset)
		found = run;
	if (found.line == 0)
		return NULL;
	*line = found.line;
	return find_name((const char *)reader.end, header->names_size, found.file);
}
