/*
 * A cell of a screen of text: a character and how it looks.
 */
#ifndef DEV_CELL_H
#define DEV_CELL_H

#include <stddef.h>
#include <stdint.h>

enum { CELL_BOLD = 1, CELL_UNDERLINE = 2, CELL_INVERSE = 4 };

struct cell {
	uint32_t character;             /* Unicode; 0: the right half of the wide character before */
	uint8_t foreground, background; /* of the palette of 256 colours (dev/palette.h) */
	uint8_t attributes;             /* CELL_BOLD and so on */
	uint8_t unused;                 /* 0, so that cells can be compared as a whole */
};

_Static_assert(sizeof(struct cell) == sizeof(uint64_t), "a cell is one word");

#define COLOUR_FOREGROUND 7
#define COLOUR_BACKGROUND 0
#define CELL_BLANK        ((struct cell){' ', COLOUR_FOREGROUND, COLOUR_BACKGROUND, 0, 0})

/* [any] A cell as one word, whose low half is the character, and back: compilers copy cells field by field. */
static inline uint64_t cell_word(const struct cell *cell)
{
	uint64_t word;

	__builtin_memcpy(&word, cell, sizeof(word));
	return word;
}

static inline void cell_set_word(struct cell *cell, uint64_t word)
{
	__builtin_memcpy(cell, &word, sizeof(word));
}

/* [any] Colours and attributes, as one number. */
static inline uint32_t cell_look(const struct cell *cell)
{
	return (uint32_t)(cell_word(cell) >> 32);
}

/* [any] Makes `count` cells the same. */
void cell_fill(struct cell *cells, size_t count, struct cell cell);

#endif
