#include "dev/cell.h"

/* Written out: with -O2 a loop of one would take three instructions a cell. */
void cell_fill(struct cell *cells, size_t count, struct cell cell)
{
	uint64_t word = cell_word(&cell);

	for (; count >= 4; count -= 4, cells += 4) {
		cell_set_word(&cells[0], word);
		cell_set_word(&cells[1], word);
		cell_set_word(&cells[2], word);
		cell_set_word(&cells[3], word);
	}
	for (; count > 0; count--)
		cell_set_word(cells++, word);
}
