#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dev/palette.h"
#include "dice.h"

static unsigned int distance(uint32_t a, uint32_t b)
{
	unsigned int sum = 0;

	for (unsigned int shift = 0; shift < 24; shift += 8) {
		int difference = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);

		sum += (unsigned int)(difference * difference);
	}
	return sum;
}

/* xterm's numbers, and the VGA's first sixteen. */
static void test_colours(void **state)
{
	(void)state;
	assert_int_equal(palette_rgb(0), 0x000000);
	assert_int_equal(palette_rgb(1), 0xaa0000);
	assert_int_equal(palette_rgb(3), 0xaa5500);
	assert_int_equal(palette_rgb(4), 0x0000aa);
	assert_int_equal(palette_rgb(7), 0xaaaaaa);
	assert_int_equal(palette_rgb(8), 0x555555);
	assert_int_equal(palette_rgb(15), 0xffffff);
	assert_int_equal(palette_rgb(16), 0x000000);
	assert_int_equal(palette_rgb(17), 0x00005f);
	assert_int_equal(palette_rgb(67), 0x5f87af);
	assert_int_equal(palette_rgb(196), 0xff0000);
	assert_int_equal(palette_rgb(231), 0xffffff);
	assert_int_equal(palette_rgb(232), 0x080808);
	assert_int_equal(palette_rgb(255), 0xeeeeee);
}

static void test_nearest(void **state)
{
	struct dice dice = dice_take("palette");

	(void)state;
	for (uint64_t i = dice_rounds(20000); i > 0; i--) {
		uint32_t rgb = (uint32_t)dice_below(&dice, 1u << 24);
		unsigned int least = distance(palette_rgb(palette_nearest(rgb)), rgb);

		if (i % 4 == 0) /* greys are few, and near to one another */
			rgb = (rgb & 0xff) * 0x010101u;
		least = distance(palette_rgb(palette_nearest(rgb)), rgb);
		assert_true(palette_nearest(rgb) >= PALETTE_BASE);
		for (unsigned int index = PALETTE_BASE; index < PALETTE_COLOURS; index++)
			assert_true(distance(palette_rgb((uint8_t)index), rgb) >= least);
	}
}

static void test_nearest_base(void **state)
{
	(void)state;
	for (unsigned int index = 0; index < PALETTE_COLOURS; index++) {
		uint8_t nearest = palette_nearest_base((uint8_t)index);

		assert_true(nearest < PALETTE_BASE);
		if (index < PALETTE_BASE)
			assert_int_equal(nearest, index);
		for (unsigned int i = 0; i < PALETTE_BASE; i++)
			assert_true(distance(palette_rgb((uint8_t)i), palette_rgb((uint8_t)index)) >=
			            distance(palette_rgb(nearest), palette_rgb((uint8_t)index)));
	}
}

static void test_colours_of_cells(void **state)
{
	static const struct {
		uint8_t attributes, foreground, background, drawn_foreground, drawn_background;
	} cases[] = {
	        {0, 7, 0, 7, 0},
	        {CELL_BOLD, 7, 0, 15, 0},
	        {CELL_BOLD, 12, 3, 12, 3},
	        {CELL_BOLD, 200, 3, 200, 3},
	        {CELL_INVERSE, 7, 0, 0, 7},
	        {CELL_INVERSE | CELL_BOLD, 1, 4, 4, 9},
	        {CELL_UNDERLINE, 1, 4, 1, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cell cell = {'x', cases[i].foreground, cases[i].background, cases[i].attributes, 0};
		struct cell_colours colours = palette_of_cell(&cell);

		assert_int_equal(colours.foreground, cases[i].drawn_foreground);
		assert_int_equal(colours.background, cases[i].drawn_background);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_colours),
	        cmocka_unit_test(test_nearest),
	        cmocka_unit_test(test_nearest_base),
	        cmocka_unit_test(test_colours_of_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
