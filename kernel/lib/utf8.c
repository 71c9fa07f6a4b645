#include "lib/utf8.h"

#include <stddef.h>

/* Which second bytes a lead byte allows keeps out overlong forms, surrogates and what is above U+10FFFF. */
static enum utf8_result take_lead(struct utf8 *utf8, uint8_t byte)
{
	utf8->low = 0x80;
	utf8->high = 0xbf;
	if (byte < 0x80) {
		utf8->character = byte;
		return UTF8_CHARACTER;
	}
	if (byte < 0xc2 || byte > 0xf4)
		return UTF8_BAD;
	utf8->wanted = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
	utf8->character = byte & (0x3fu >> utf8->wanted);
	if (byte == 0xe0)
		utf8->low = 0xa0;
	else if (byte == 0xed)
		utf8->high = 0x9f;
	else if (byte == 0xf0)
		utf8->low = 0x90;
	else if (byte == 0xf4)
		utf8->high = 0x8f;
	return UTF8_MORE;
}

enum utf8_result utf8_take(struct utf8 *utf8, uint8_t byte)
{
	if (utf8->wanted == 0)
		return take_lead(utf8, byte);
	if (byte < utf8->low || byte > utf8->high) {
		utf8->wanted = 0;
		return UTF8_CUT;
	}
	utf8->low = 0x80;
	utf8->high = 0xbf;
	utf8->character = utf8->character << 6 | (byte & 0x3f);
	return --utf8->wanted == 0 ? UTF8_CHARACTER : UTF8_MORE;
}

unsigned int utf8_write(char text[UTF8_LENGTH_MAX], uint32_t character)
{
	unsigned int length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (unsigned int i = length - 1; i > 0; i--, character >>= 6)
		text[i] = (char)(0x80 | (character & 0x3f));
	text[0] = (char)(length == 1 ? character : (0xf00u >> length & 0xf0) | character);
	return length;
}

struct range {
	uint16_t first, last;
};

static const struct range without_width[] = {
        {0x0300, 0x036f}, /* combining marks */
        {0x0483, 0x0489}, /* Cyrillic */
        {0x0591, 0x05bd},
        {0x05bf, 0x05bf},
        {0x05c1, 0x05c2},
        {0x05c4, 0x05c5},
        {0x05c7, 0x05c7}, /* Hebrew */
        {0x0610, 0x061a},
        {0x064b, 0x065f},
        {0x0670, 0x0670},
        {0x06d6, 0x06dc},
        {0x06df, 0x06e4}, /* Arabic */
        {0x06e7, 0x06e8},
        {0x06ea, 0x06ed},
        {0x0900, 0x0902},
        {0x093c, 0x093c},
        {0x0941, 0x0948}, /* Devanagari */
        {0x094d, 0x094d},
        {0x0e31, 0x0e31},
        {0x0e34, 0x0e3a},
        {0x0e47, 0x0e4e}, /* Thai */
        {0x1160, 0x11ff}, /* Hangul's vowels and final consonants */
        {0x1ab0, 0x1aff},
        {0x1dc0, 0x1dff}, /* more combining marks */
        {0x200b, 0x200f},
        {0x202a, 0x202e},
        {0x2060, 0x2064}, /* joiners and directions */
        {0x20d0, 0x20ff},
        {0x302a, 0x302d},
        {0x3099, 0x309a},
        {0xfe00, 0xfe0f}, /* variants */
        {0xfe20, 0xfe2f},
        {0xfeff, 0xfeff},
};

static const struct range wide[] = {
        {0x1100, 0x115f},                                                       /* Hangul's first consonants */
        {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec},                   /* watches, brackets */
        {0x2e80, 0x303e}, {0x3041, 0x33ff},                                     /* CJK radicals, kana */
        {0x3400, 0x4dbf}, {0x4e00, 0x9fff},                                     /* CJK ideographs */
        {0xa000, 0xa4cf}, {0xa960, 0xa97c}, {0xac00, 0xd7a3},                   /* Yi, Hangul */
        {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, /* compatible and full-width forms */
};

static bool is_in(const struct range *ranges, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count && character >= ranges[i].first; i++) {
		if (character <= ranges[i].last)
			return true;
	}
	return false;
}

/* Above U+FFFF: pictures, and the two planes of ideographs. */
static bool is_wide_beyond(uint32_t character)
{
	return (character >= 0x1f300 && character <= 0x1f64f) || (character >= 0x1f900 && character <= 0x1f9ff) ||
	       (character >= 0x20000 && character <= 0x3fffd);
}

unsigned int utf8_width(uint32_t character)
{
	if (character < 0x300)
		return character >= ' ' && (character < 0x7f || character >= 0xa0);
	if (is_in(without_width, sizeof(without_width) / sizeof(without_width[0]), character))
		return 0;
	return is_in(wide, sizeof(wide) / sizeof(wide[0]), character) || is_wide_beyond(character) ? 2 : 1;
}
