#include "menu_picture.h"

#include "menu_canvas.h"
#include "video_mode.h"

#define GLYPH_WIDTH  8u
#define GLYPH_HEIGHT 16u
#define CURSOR_LINE  14u /* of a glyph's lines the first that it takes */
_Static_assert(CANVAS_COLUMNS *GLYPH_WIDTH <= VIDEO_LEAST_WIDTH, "the cells fit");
_Static_assert(CANVAS_ROWS *GLYPH_HEIGHT <= VIDEO_LEAST_HEIGHT, "so do the rows");

void menu_picture_begin(struct menu_picture *picture, const struct boot_framebuffer *screen, const void *font)
{
	uint32_t across = screen->width / (CANVAS_COLUMNS * GLYPH_WIDTH);
	uint32_t down = screen->height / (CANVAS_ROWS * GLYPH_HEIGHT), scale = across < down ? across : down;
	/* On a glyph's border, like the kernel's text. */
	uint32_t left = (screen->width / GLYPH_WIDTH - CANVAS_COLUMNS * scale) / 2 * GLYPH_WIDTH;
	uint32_t top = (screen->height / GLYPH_HEIGHT - CANVAS_ROWS * scale) / 2 * GLYPH_HEIGHT;

	*picture = (struct menu_picture){*screen, font, scale, left, top};
}

static uint32_t shade(bool on, bool bright, uint8_t size, uint8_t shift)
{
	uint32_t value = (on ? 0xaau : 0) + (bright ? 0x55u : 0);

	return value >> (8 - size) << shift;
}

/* VGA's 16 colours: a bit each for blue, green, red and brightness. */
static uint32_t pixel_of(const struct boot_framebuffer *screen, unsigned colour)
{
	bool bright = colour & 8;

	return shade(colour & 4, bright, screen->red_size, screen->red_shift) |
	       shade(colour & 2, bright, screen->green_size, screen->green_shift) |
	       shade(colour & 1, bright, screen->blue_size, screen->blue_shift);
}

static void put_pixel(volatile void *at, uint32_t pixel, unsigned bytes)
{
	volatile uint8_t *byte = at;

	if (bytes == 4) {
		*(volatile uint32_t *)at = pixel;
	} else if (bytes == 2) {
		*(volatile uint16_t *)at = (uint16_t)pixel;
	} else {
		for (; bytes; bytes--, pixel >>= 8)
			*byte++ = (uint8_t)pixel;
	}
}

/* One line of a cell's glyph. */
static void draw_line(const struct menu_picture *picture, unsigned row, unsigned column, unsigned line, uint8_t bits,
        uint8_t attribute)
{
	const struct boot_framebuffer *screen = &picture->screen;
	uint32_t ink = pixel_of(screen, attribute & 15), paper = pixel_of(screen, attribute >> 4);
	uint32_t x = picture->left + column * GLYPH_WIDTH * picture->scale, bytes = screen->bits_per_pixel / 8;
	uint32_t y = picture->top + (row * GLYPH_HEIGHT + line) * picture->scale;

	for (uint32_t i = 0; i < picture->scale; i++, y++) {
		volatile uint8_t *at = (volatile uint8_t *)(uintptr_t)screen->base + y * screen->pitch + x * bytes;
		for (uint8_t bit = 0x80; bit; bit >>= 1)
			for (uint32_t j = 0; j < picture->scale; j++, at += bytes)
				put_pixel(at, bits & bit ? ink : paper, bytes);
	}
}

void menu_picture_draw(
        const struct menu_picture *picture, unsigned row, unsigned column, const uint16_t *cells, unsigned count)
{
	for (; count; count--, cells++, column++) {
		const uint8_t *glyph = picture->font + (*cells & 0xff) * GLYPH_HEIGHT;
		for (unsigned line = 0; line < GLYPH_HEIGHT; line++)
			draw_line(picture, row, column, line, glyph[line], *cells >> 8);
	}
}

void menu_picture_cursor(const struct menu_picture *picture, unsigned row, unsigned column)
{
	for (unsigned line = CURSOR_LINE; line < GLYPH_HEIGHT; line++)
		draw_line(picture, row, column, line, 0xff, CANVAS_PLAIN);
}
