/*
 * The 256 colours of a terminal: 16 of the VGA's, a cube of 6 x 6 x 6, 24 greys.
 */
#ifndef DEV_PALETTE_H
#define DEV_PALETTE_H

#include <stdint.h>

#include "dev/display.h"

#define PALETTE_COLOURS 256u
#define PALETTE_BASE    16u /* this many come first, and are what every display has */

/* [any] What colour an index is: 0xRRGGBB. */
uint32_t palette_rgb(uint8_t index);

/* [any] The index of the colour nearest to `rgb` in the cube and the greys. */
uint8_t palette_nearest(uint32_t rgb);

/* [any] The nearest of the first 16 to any index; those themselves stay as they are. */
uint8_t palette_nearest_base(uint8_t index);

/* A cell's two colours as they are to be drawn. */
struct cell_colours {
	uint8_t foreground, background;
};

/* [any] Inverse cells change them, and bold ones are bright, where the colour is one of the first eight. */
struct cell_colours palette_of_cell(const struct cell *cell);

#endif
