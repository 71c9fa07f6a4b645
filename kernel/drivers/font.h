/*
 * Pictures of characters. The video ROM has a font of 8x16 pixels, in the order of code page 437; another one can be
 * built in (make FONT=file.psf).
 */
#ifndef DRIVERS_FONT_H
#define DRIVERS_FONT_H

#include <stdint.h>

#include "boot/boot_info.h"
#include "lib/character_table.h"
#include "linker.h"

#define FONT_WIDTH_MAX  32u
#define FONT_GLYPHS_MAX 0x7fffu

/* A glyph is `height` rows of whole bytes, the leftmost pixel the highest bit. */
struct font {
	uint32_t width, height; /* pixels; width at most FONT_WIDTH_MAX */
	uint32_t row_bytes, glyph_bytes;
	uint32_t glyph_count;
	uint32_t character_count;
	const uint8_t *glyphs;
	const struct character_entry *characters; /* sorted; NULL: glyphs are in the order of code page 437 */
};

/* Fonts that were built in: at most one (tools/psf_font.py). */
LINKER_TABLE(struct font, fonts);

/* [init] The font to use: the one that was built in, or a copy of the ROM's; NULL if there is neither. */
const struct font *font_start(const struct boot_info *info);

/* [any] The glyph of a character: that of U+FFFD or of a question mark if it has none, a blank for character 0. */
uint32_t font_find(const struct font *font, uint32_t character);

/* [any] Its picture. */
static inline const uint8_t *font_picture(const struct font *font, uint32_t glyph)
{
	return font->glyphs + glyph * font->glyph_bytes;
}

#endif
