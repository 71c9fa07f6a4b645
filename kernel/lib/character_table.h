/*
 * What characters are in some other numbering: a code page's, a font's.
 */
#ifndef LIB_CHARACTER_TABLE_H
#define LIB_CHARACTER_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct character_entry {
	uint32_t character; /* Unicode */
	uint32_t number;
};

/* [any] The entry of a character in a table that is sorted by them; NULL if it has none. */
const struct character_entry *character_table_find(
        const struct character_entry *table, size_t count, uint32_t character);

#endif
