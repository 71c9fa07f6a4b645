/*
 * Reads a table of source lines (format/line_table.h).
 */
#ifndef LIB_LINE_TABLE_H
#define LIB_LINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [any] Is this a whole table, made for the kernel with this number? Only then may it be asked. */
bool line_table_is_of(const void *table, size_t size, uint32_t build);

/*
 * [any] The file and line of the code at `offset` from the start of the image; NULL and nothing where that is not
 * known. The name lies in the table. Whatever the runs hold, nothing outside of the table is read.
 */
const char *line_table_find(const void *table, uint32_t offset, uint32_t *line);

#endif
