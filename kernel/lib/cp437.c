#include "lib/cp437.h"

#include <stddef.h>

#define UNKNOWN '?'

/* What 80h to FFh are, and what the font has at 01h to 1Fh. */
static const uint16_t high[128] = {
        0x00c7,
        0x00fc,
        0x00e9,
        0x00e2,
        0x00e4,
        0x00e0,
        0x00e5,
        0x00e7,
        0x00ea,
        0x00eb,
        0x00e8,
        0x00ef,
        0x00ee,
        0x00ec,
        0x00c4,
        0x00c5,
        0x00c9,
        0x00e6,
        0x00c6,
        0x00f4,
        0x00f6,
        0x00f2,
        0x00fb,
        0x00f9,
        0x00ff,
        0x00d6,
        0x00dc,
        0x00a2,
        0x00a3,
        0x00a5,
        0x20a7,
        0x0192,
        0x00e1,
        0x00ed,
        0x00f3,
        0x00fa,
        0x00f1,
        0x00d1,
        0x00aa,
        0x00ba,
        0x00bf,
        0x2310,
        0x00ac,
        0x00bd,
        0x00bc,
        0x00a1,
        0x00ab,
        0x00bb,
        0x2591,
        0x2592,
        0x2593,
        0x2502,
        0x2524,
        0x2561,
        0x2562,
        0x2556,
        0x2555,
        0x2563,
        0x2551,
        0x2557,
        0x255d,
        0x255c,
        0x255b,
        0x2510,
        0x2514,
        0x2534,
        0x252c,
        0x251c,
        0x2500,
        0x253c,
        0x255e,
        0x255f,
        0x255a,
        0x2554,
        0x2569,
        0x2566,
        0x2560,
        0x2550,
        0x256c,
        0x2567,
        0x2568,
        0x2564,
        0x2565,
        0x2559,
        0x2558,
        0x2552,
        0x2553,
        0x256b,
        0x256a,
        0x2518,
        0x250c,
        0x2588,
        0x2584,
        0x258c,
        0x2590,
        0x2580,
        0x03b1,
        0x00df,
        0x0393,
        0x03c0,
        0x03a3,
        0x03c3,
        0x00b5,
        0x03c4,
        0x03a6,
        0x0398,
        0x03a9,
        0x03b4,
        0x221e,
        0x03c6,
        0x03b5,
        0x2229,
        0x2261,
        0x00b1,
        0x2265,
        0x2264,
        0x2320,
        0x2321,
        0x00f7,
        0x2248,
        0x00b0,
        0x2219,
        0x00b7,
        0x221a,
        0x207f,
        0x00b2,
        0x25a0,
        0x00a0,
};
static const uint16_t low[32] = {
        0x0000,
        0x263a,
        0x263b,
        0x2665,
        0x2666,
        0x2663,
        0x2660,
        0x2022,
        0x25d8,
        0x25cb,
        0x25d9,
        0x2642,
        0x2640,
        0x266a,
        0x266b,
        0x263c,
        0x25ba,
        0x25c4,
        0x2195,
        0x203c,
        0x00b6,
        0x00a7,
        0x25ac,
        0x21a8,
        0x2191,
        0x2193,
        0x2192,
        0x2190,
        0x221f,
        0x2194,
        0x25b2,
        0x25bc,
};

/* Characters that are shown as another. */
static const struct {
	uint16_t character;
	uint8_t number;
} similar[] = {
        {0x00a6, '|'},
        {0x00a9, 'c'},
        {0x00ad, '-'},
        {0x00ae, 'r'},
        {0x00d7, 'x'},
        {0x2010, '-'},
        {0x2011, '-'},
        {0x2012, '-'},
        {0x2013, '-'},
        {0x2014, 0xc4},
        {0x2018, 0x27},
        {0x2019, 0x27},
        {0x201c, '"'},
        {0x201d, '"'},
        {0x2026, '.'},
        {0x2212, '-'},
        {0x23ba, 0xc4},
        {0x23bb, 0xc4},
        {0x23bc, 0xc4},
        {0x23bd, '_'},
        {0x25c6, 0x04},
        {0x2713, 0xfb},
};

static int find(const uint16_t *table, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i] == character)
			return (int)i;
	}
	return -1;
}

uint8_t cp437_from_unicode(uint32_t character)
{
	int found;

	if (character >= ' ' && character < 0x7f)
		return (uint8_t)character;
	if (character == 0)
		return ' ';
	if ((found = find(high, sizeof(high) / sizeof(high[0]), character)) >= 0)
		return (uint8_t)(0x80 + found);
	if ((found = find(low, sizeof(low) / sizeof(low[0]), character)) >= 0)
		return (uint8_t)found;
	for (size_t i = 0; i < sizeof(similar) / sizeof(similar[0]); i++) {
		if (similar[i].character == character)
			return similar[i].number;
	}
	return UNKNOWN;
}
