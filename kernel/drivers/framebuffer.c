/*
 * Text is drawn by lines of pixels: each is put together in ordinary memory and
 * then written out from left to right, in whole words, because a framebuffer is
 * slow to write except in long runs (write-combining). It is never read: what
 * it shows is remembered as tiles, and a cell whose tile stays the same is not
 * drawn again. So scrolling costs what differs between a line and the next, and
 * needs no help of the hardware.
 *
 * Four pixels are put down at a time, from a table that has them ready for each
 * half of a byte of a glyph.
 */
#include "drivers/framebuffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/describer.h"
#include "dev/display.h"
#include "dev/palette.h"
#include "drivers/font.h"
#include "lib/format.h"
#include "lib/string.h"

#define TILES_MAX   16384u /* 1920x1080 pixels in glyphs of 8x16 */
#define COLUMNS_MAX 512u
#define ROWS_MAX    256u
#define RUN_MAX     64u /* cells drawn at once */
#define ASCII       128u

/* What a cell looks like: glyph in bits 0 to 14, underlined in 15, foreground
 * in 16 to 23, background in 24 to 31. */
#define TILE_GLYPH      FONT_GLYPHS_MAX
#define TILE_UNDERLINE  0x8000u
#define TILE_FOREGROUND 16u
#define TILE_BACKGROUND 24u
#define TILE_UNKNOWN    UINT32_MAX /* while it is being drawn */

/* Four pixels of any depth: up to 16 bytes, at any address, aliasing anything.
 */
struct four {
	uint64_t low, high;
} __attribute__((packed, may_alias));

struct pixel {
	uint32_t value;
} __attribute__((packed, may_alias));

static struct {
	struct display display;
	struct boot_framebuffer info;
	const struct font *font;
	uint8_t *pixels;
	uint32_t pixel_bytes;
	uint32_t cell_bytes; /* from a cell to the next */
	bool is_direct;      /* a line of a glyph is just two times four pixels of 32 bits:
	                        nothing is too much */
	uint32_t look;       /* the tile whose colours `fours` has */
	unsigned int calls;  /* that began: an emergency may come in the middle of one */
	bool cursor_is_shown;
	unsigned int cursor_column, cursor_row;
	uint16_t ascii[ASCII]; /* glyphs of these characters */
	struct four fours[16];
	uint8_t line[RUN_MAX * FONT_WIDTH_MAX * sizeof(struct pixel) + 2 * sizeof(struct four)];
	uint32_t shown[TILES_MAX];
} screen;

/* ---- pixels ---- */

/* The highest bits of a colour's part, at its place in the pixel. */
static uint32_t part_of_pixel(uint32_t value, uint8_t size, uint8_t shift)
{
	return (value & 0xff) >> (8 - size) << shift;
}

static uint32_t pixel_of(uint8_t colour)
{
	uint32_t rgb = palette_rgb(colour);

	return part_of_pixel(rgb >> 16, screen.info.red_size, screen.info.red_shift) |
	       part_of_pixel(rgb >> 8, screen.info.green_size, screen.info.green_shift) |
	       part_of_pixel(rgb, screen.info.blue_size, screen.info.blue_shift);
}

static void use_colours(uint32_t tile)
{
	uint32_t foreground = pixel_of((uint8_t)(tile >> TILE_FOREGROUND));
	uint32_t background = pixel_of((uint8_t)(tile >> TILE_BACKGROUND));

	for (unsigned int bits = 0; bits < 16; bits++) {
		uint8_t *to = (uint8_t *)&screen.fours[bits];

		for (unsigned int mask = 8; mask != 0; mask >>= 1, to += screen.pixel_bytes)
			((struct pixel *)(void *)to)->value = bits & mask ? foreground : background;
	}
	screen.look = tile;
}

/* What is too much, because pixels or glyphs are less wide, is written over by
 * the next. */
static inline void put_eight(uint8_t *to, uint8_t bits, uint32_t four_bytes)
{
	*(struct four *)(void *)to = screen.fours[bits >> 4];
	*(struct four *)(void *)(to + four_bytes) = screen.fours[bits & 15];
}

/* One line of pixels of some glyphs; `offset` is that of their bytes for it.
 * Inline: of glyphs that are a byte wide most of this goes. */
static inline __attribute__((always_inline)) void put_line(uint8_t *to, const uint8_t *const *pictures,
        unsigned int count, uint32_t offset, uint8_t underline, uint32_t row_bytes)
{
	uint32_t four_bytes = 4 * screen.pixel_bytes, cell_bytes = screen.cell_bytes;

	for (unsigned int i = 0; i < count; i++, to += cell_bytes) {
		for (uint32_t byte = 0; byte < row_bytes; byte++)
			put_eight(to + 2 * byte * four_bytes, pictures[i][offset + byte] | underline, four_bytes);
	}
}

static void draw_line(uint8_t *to, const uint8_t *const *pictures, unsigned int count, uint32_t y, uint8_t underline)
{
	uint32_t row_bytes = screen.font->row_bytes;

	if (screen.is_direct)
		put_line(to, pictures, count, y, underline, 1);
	else
		put_line(screen.line, pictures, count, y * row_bytes, underline, row_bytes);
	if (!screen.is_direct)
		memcpy(to, screen.line, count * screen.cell_bytes);
}

/* Draws up to RUN_MAX tiles that differ in nothing but their glyphs. */
static void draw_run(unsigned int column, unsigned int row, const uint32_t *tiles, unsigned int count)
{
	const struct font *font = screen.font;
	uint32_t underlined = *tiles & TILE_UNDERLINE ? font->height - 2 : font->height;
	uint8_t *to = screen.pixels + (size_t)row * font->height * screen.info.pitch + column * screen.cell_bytes;
	const uint8_t *pictures[RUN_MAX];

	if ((*tiles ^ screen.look) >> TILE_FOREGROUND != 0)
		use_colours(*tiles);
	for (unsigned int i = 0; i < count; i++)
		pictures[i] = font_picture(font, tiles[i] & TILE_GLYPH);
	for (uint32_t y = 0; y < font->height; y++, to += screen.info.pitch)
		draw_line(to, pictures, count, y, y == underlined ? 0xff : 0);
}

/* ---- cells ---- */

static uint32_t glyph_of(uint32_t character)
{
	return character < ASCII ? screen.ascii[character] : font_find(screen.font, character);
}

/* All of its tile but the glyph. */
static uint32_t look_of(const struct cell *cell)
{
	struct cell_colours colours = palette_of_cell(cell);

	return (cell->attributes & CELL_UNDERLINE ? TILE_UNDERLINE : 0) |
	       (uint32_t)colours.foreground << TILE_FOREGROUND | (uint32_t)colours.background << TILE_BACKGROUND;
}

static uint32_t tile_of(const struct cell *cell)
{
	return look_of(cell) | glyph_of(cell->character);
}

/* Neighbours mostly have the same colours and attributes: everything of a cell but the character. */
static void find_tiles(const struct cell *cells, unsigned int count, uint32_t tiles[RUN_MAX])
{
	uint64_t same = cell_word(cells) >> 32;
	uint32_t look = look_of(cells);

	for (unsigned int i = 0; i < count; i++) {
		uint64_t word = cell_word(&cells[i]);

		if (word >> 32 != same) {
			same = word >> 32;
			look = look_of(&cells[i]);
		}
		tiles[i] = look | glyph_of((uint32_t)word);
	}
}

/* How many tiles, the first one among them, have to be drawn and differ in
 * nothing but their glyphs. */
static unsigned int run_length(const uint32_t *tiles, const uint32_t *shown, unsigned int count)
{
	unsigned int length = 1;

	while (length < count && tiles[length] != shown[length] && (tiles[length] ^ tiles[0]) <= TILE_GLYPH)
		length++;
	return length;
}

/* If an emergency comes in between, all of them are drawn once more then (and end_call() sees to it that they are
 * afterwards). */
static void show_run(unsigned int column, unsigned int row, const uint32_t *tiles, unsigned int count)
{
	uint32_t *shown = &screen.shown[row * screen.display.columns + column];

	for (unsigned int i = 0; i < count; i++)
		shown[i] = TILE_UNKNOWN;
	draw_run(column, row, tiles, count);
	memcpy(shown, tiles, count * sizeof(*tiles));
	if (row == screen.cursor_row && screen.cursor_column - column < count)
		screen.cursor_is_shown = false;
}

/* Draws up to RUN_MAX cells as far as they look different from before. */
static void draw_some(unsigned int column, unsigned int row, const struct cell *cells, unsigned int count)
{
	const uint32_t *shown = &screen.shown[row * screen.display.columns + column];
	uint32_t tiles[RUN_MAX];
	unsigned int length;

	find_tiles(cells, count, tiles);
	for (unsigned int i = 0; i < count; i += length) {
		length = 1;
		if (tiles[i] == shown[i])
			continue;
		length = run_length(&tiles[i], &shown[i], count - i);
		show_run(column + i, row, &tiles[i], length);
	}
}

/* If an emergency drew in the middle of a call nobody knows what is there now: then nothing counts as shown. */
static void end_call(unsigned int call)
{
	if (screen.calls == call)
		return;
	for (unsigned int i = 0; i < screen.display.columns * screen.display.rows; i++)
		screen.shown[i] = TILE_UNKNOWN;
	use_colours(tile_of(&CELL_BLANK));
	screen.cursor_is_shown = false;
}

static void draw(
        struct display *self, unsigned int column, unsigned int row, const struct cell *cells, unsigned int count)
{
	unsigned int call = ++screen.calls;

	(void)self;
	for (; count > RUN_MAX; count -= RUN_MAX, column += RUN_MAX, cells += RUN_MAX)
		draw_some(column, row, cells, RUN_MAX);
	if (count > 0)
		draw_some(column, row, cells, count);
	end_call(call);
}

/* The cursor is a block: the cell under it with its colours changed over. What is under it may be unknown in an
 * emergency: then a blank takes its place. */
static void draw_cursor(bool visible)
{
	uint32_t tile = screen.shown[screen.cursor_row * screen.display.columns + screen.cursor_column];
	uint32_t colours;

	if (tile == TILE_UNKNOWN)
		tile = tile_of(&CELL_BLANK);
	colours = tile >> TILE_FOREGROUND;
	if (visible)
		tile = (tile & (TILE_GLYPH | TILE_UNDERLINE)) | ((colours << 8 & 0xff00) | colours >> 8)
		                                                        << TILE_FOREGROUND;
	draw_run(screen.cursor_column, screen.cursor_row, &tile, 1);
	screen.cursor_is_shown = visible;
}

static void move_cursor(struct display *self, unsigned int column, unsigned int row, bool visible)
{
	unsigned int call = ++screen.calls;

	(void)self;
	if (screen.cursor_is_shown && visible && column == screen.cursor_column && row == screen.cursor_row)
		return;
	if (screen.cursor_is_shown)
		draw_cursor(false);
	screen.cursor_column = column;
	screen.cursor_row = row;
	if (visible)
		draw_cursor(true);
	end_call(call);
}

/* ---- the start ---- */

static bool describe(uint64_t address, char *text, size_t size)
{
	uint64_t offset = address - (uint64_t)screen.pixels;

	if (offset >= (uint64_t)screen.info.pitch * screen.info.height)
		return false;
	format_string(text, size, "the framebuffer, line %u, byte %u", (unsigned int)(offset / screen.info.pitch),
	        (unsigned int)(offset % screen.info.pitch));
	return true;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

void framebuffer_start(const struct boot_info *info)
{
	static struct describer describer = {.describe = describe};
	const struct font *font = info->framebuffer.base != 0 ? font_start(info) : NULL;

	if (font == NULL)
		return;
	screen.info = info->framebuffer;
	screen.font = font;
	screen.pixels = (uint8_t *)info->framebuffer.base_virtual;
	screen.pixel_bytes = info->framebuffer.bits_per_pixel / 8;
	screen.cell_bytes = font->width * screen.pixel_bytes;
	screen.is_direct = font->width == 8 && screen.pixel_bytes == sizeof(struct pixel);
	screen.display = (struct display){.name = "framebuffer", .draw = draw, .move_cursor = move_cursor};
	screen.display.columns = least(screen.info.width / font->width, COLUMNS_MAX);
	screen.display.rows =
	        least(least(screen.info.height / font->height, ROWS_MAX), TILES_MAX / screen.display.columns);
	for (uint32_t character = 0; character < ASCII; character++)
		screen.ascii[character] = (uint16_t)font_find(font, character);
	use_colours(tile_of(&CELL_BLANK));
	for (unsigned int i = 0; i < screen.display.columns * screen.display.rows; i++)
		screen.shown[i] = screen.look;
	memset(screen.pixels, 0, (size_t)screen.info.pitch * screen.info.height);
	describer_add(&describer);
	display_register(&screen.display);
}
