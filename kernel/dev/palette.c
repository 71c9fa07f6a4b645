#include "dev/palette.h"

#define CUBE       PALETTE_BASE
#define CUBE_SIDE  6u
#define GREYS      (CUBE + CUBE_SIDE * CUBE_SIDE * CUBE_SIDE)
#define GREY_FIRST 8u
#define GREY_STEP  10u

/* As the VGA shows its 16; its yellow of normal brightness is a brown. */
static const uint32_t base[PALETTE_BASE] = {0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa,
        0xaaaaaa, 0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff};

/* The steps along a side of the cube are 0, 95, 135, 175, 215, 255. */
static uint32_t cube_level(unsigned int step)
{
	return step == 0 ? 0 : 55 + 40 * step;
}

static unsigned int cube_step(unsigned int level)
{
	return level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40;
}

uint32_t palette_rgb(uint8_t index)
{
	unsigned int i;

	if (index < CUBE)
		return base[index];
	if (index >= GREYS)
		return (GREY_FIRST + GREY_STEP * (index - GREYS)) * 0x010101u;
	i = index - CUBE;
	return cube_level(i / (CUBE_SIDE * CUBE_SIDE)) << 16 | cube_level(i / CUBE_SIDE % CUBE_SIDE) << 8 |
	       cube_level(i % CUBE_SIDE);
}

static unsigned int square(uint32_t a, uint32_t b)
{
	return (a - b) * (a - b);
}

static unsigned int distance(uint32_t a, uint32_t b)
{
	return square(a >> 16 & 0xff, b >> 16 & 0xff) + square(a >> 8 & 0xff, b >> 8 & 0xff) +
	       square(a & 0xff, b & 0xff);
}

uint8_t palette_nearest(uint32_t rgb)
{
	unsigned int red = rgb >> 16 & 0xff, green = rgb >> 8 & 0xff, blue = rgb & 0xff;
	unsigned int mean = (red + green + blue) / 3;
	unsigned int grey = mean < GREY_FIRST ? 0 : (mean - GREY_FIRST + GREY_STEP / 2) / GREY_STEP;
	uint8_t in_cube =
	        (uint8_t)(CUBE + (cube_step(red) * CUBE_SIDE + cube_step(green)) * CUBE_SIDE + cube_step(blue));
	uint8_t in_greys = (uint8_t)(GREYS + (grey < PALETTE_COLOURS - GREYS ? grey : PALETTE_COLOURS - GREYS - 1));

	return distance(palette_rgb(in_greys), rgb) < distance(palette_rgb(in_cube), rgb) ? in_greys : in_cube;
}

uint8_t palette_nearest_base(uint8_t index)
{
	uint32_t rgb = palette_rgb(index);
	uint8_t best = 0;

	if (index < PALETTE_BASE)
		return index;
	for (uint8_t i = 1; i < PALETTE_BASE; i++) {
		if (distance(base[i], rgb) < distance(base[best], rgb))
			best = i;
	}
	return best;
}

struct cell_colours palette_of_cell(const struct cell *cell)
{
	struct cell_colours colours = {cell->foreground, cell->background};

	if (cell->attributes & CELL_BOLD && colours.foreground < 8)
		colours.foreground += 8;
	if (cell->attributes & CELL_INVERSE)
		colours = (struct cell_colours){colours.background, colours.foreground};
	return colours;
}
