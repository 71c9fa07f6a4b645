/* The menu's cells on a framebuffer, as large as fits. Pure: it writes where it is told to. */
#ifndef STAGE2_MENU_PICTURE_H
#define STAGE2_MENU_PICTURE_H

#include <stdint.h>

#include "boot/boot_info.h"

struct menu_picture {
	struct boot_framebuffer screen;
	const uint8_t *font;       /* 256 glyphs of 8 x 16 */
	uint32_t scale, left, top; /* screen pixels for one of a glyph; before and above the cells */
};

/* For a screen of at least VIDEO_LEAST_WIDTH x VIDEO_LEAST_HEIGHT pixels. Nothing is drawn yet. */
void menu_picture_begin(struct menu_picture *picture, const struct boot_framebuffer *screen, const void *font);

/* Characters with their attributes, as in VGA's memory, from there on. */
void menu_picture_draw(
        const struct menu_picture *picture, unsigned row, unsigned column, const uint16_t *cells, unsigned count);

/* The cursor into that cell. It stays until the cell is drawn again. */
void menu_picture_cursor(const struct menu_picture *picture, unsigned row, unsigned column);

#endif
