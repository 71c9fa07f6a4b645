#include "lib/character_table.h"

const struct character_entry *character_table_find(
        const struct character_entry *table, size_t count, uint32_t character)
{
	while (count > 0) {
		const struct character_entry *middle = table + count / 2;

		if (middle->character == character)
			return middle;
		if (middle->character < character) {
			table = middle + 1;
			count -= count / 2 + 1;
		} else {
			count /= 2;
		}
	}
	return NULL;
}
