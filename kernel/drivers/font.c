#include "drivers/font.h"

#include <stddef.h>

#include "lib/character_table.h"
#include "lib/cp437.h"
#include "lib/string.h"

#define ROM_GLYPHS 256u
#define ROM_HEIGHT 16u

#define REPLACEMENT 0xfffdu

/* What the loader left lies in memory that is given to others later. */
static uint8_t rom_glyphs[ROM_GLYPHS * ROM_HEIGHT];

static const struct font rom_font = {
        .width = 8,
        .height = ROM_HEIGHT,
        .row_bytes = 1,
        .glyph_bytes = ROM_HEIGHT,
        .glyph_count = ROM_GLYPHS,
        .glyphs = rom_glyphs,
};

const struct font *font_start(const struct boot_info *info)
{
	if (&linker_fonts_start[0] != &linker_fonts_end[0])
		return linker_fonts_start;
	if (info->font == 0)
		return NULL;
	memcpy(rom_glyphs, (const void *)(info->direct_map_virtual + info->font), sizeof(rom_glyphs));
	return &rom_font;
}

static const struct character_entry *find(const struct font *font, uint32_t character)
{
	return character_table_find(font->characters, font->character_count, character);
}

uint32_t font_find(const struct font *font, uint32_t character)
{
	const struct character_entry *found;

	if (font->characters == NULL)
		return cp437_from_unicode(character);
	found = find(font, character != 0 ? character : ' ');
	if (found == NULL)
		found = find(font, REPLACEMENT);
	if (found == NULL)
		found = find(font, '?');
	return found != NULL ? found->number : 0;
}
