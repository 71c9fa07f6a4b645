/*
 * UTF-8 (RFC 3629), a byte at a time, and how many columns of a screen a character takes.
 */
#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xfffdu /* stands for what was no character */
#define UTF8_LENGTH_MAX  4u

/* A character that is under way; all zero: none. */
struct utf8 {
	uint32_t character;
	uint8_t wanted;    /* bytes that are missing */
	uint8_t low, high; /* the next one lies between these */
};

enum utf8_result {
	UTF8_MORE,      /* the byte was taken, the character is not whole yet */
	UTF8_CHARACTER, /* it is whole: `character` */
	UTF8_BAD,       /* the byte was taken, and is no character: UTF8_REPLACEMENT is to be put there */
	UTF8_CUT,       /* the character ended before it was whole: the same, and the byte is to be given again */
};

/* [any] Takes a byte. Every longest beginning of a character that does not go on as one is one UTF8_BAD or UTF8_CUT. */
enum utf8_result utf8_take(struct utf8 *utf8, uint8_t byte);

/* [any] Writes a character, U+0000 to U+10FFFF; returns how many bytes that were. */
unsigned int utf8_write(char text[UTF8_LENGTH_MAX], uint32_t character);

/*
 * [any] Columns: 0 for marks that go with the character before and for controls, 2 for East Asian and other wide ones,
 * else 1. It knows the blocks that are in use, not every character.
 */
unsigned int utf8_width(uint32_t character);

#endif
