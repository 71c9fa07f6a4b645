/*
 * The framebuffer against a model that colours one pixel at a time: any font, any arrangement of colours, any order of
 * drawing and cursors; and not a byte beside what was to be drawn.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "core/describer.h"
#include "dev/display.h"
#include "dev/palette.h"
#include "dice.h"
#include "drivers/font.h"
#include "drivers/framebuffer.h"

#define BESIDE     0xa5 /* bytes that are none of the picture's */
#define GLYPHS     95u  /* of ASCII, from the blank on */
#define COLUMNS    24u
#define ROWS       7u
#define PITCH_MORE 12u
#define PAGE       4096u

struct display *display_registered;
const struct font *font_given;
struct describer *describer_added;

void __wrap_display_register(struct display *display);
const struct font *__wrap_font_start(const struct boot_info *info);
void __wrap_describer_add(struct describer *describer);

void __wrap_display_register(struct display *display)
{
	display_registered = display;
}

const struct font *__wrap_font_start(const struct boot_info *info)
{
	(void)info;
	return font_given;
}

void __wrap_describer_add(struct describer *describer)
{
	describer_added = describer;
}

static struct machine {
	struct boot_info info;
	struct font font;
	uint8_t glyphs[GLYPHS * 4 * 20];
	struct character_entry characters[GLYPHS];
	uint8_t *pixels; /* what is tested, exactly as long as it is */
	uint8_t *model;
	size_t size;
	struct cell cells[ROWS][COLUMNS];
	unsigned int cursor_column, cursor_row;
	bool cursor_visible;
} machine;

/* Glyphs with all bits of their bytes at random, those beyond the width too. A blank is blank. */
static void make_font(struct dice *dice)
{
	uint32_t width = dice_below(dice, 2) ? 8 : 4 + (uint32_t)dice_below(dice, FONT_WIDTH_MAX - 3);
	uint32_t height = 6 + (uint32_t)dice_below(dice, 15);

	for (size_t i = 0; i < sizeof(machine.glyphs); i++)
		machine.glyphs[i] = (uint8_t)dice_roll(dice);
	machine.font = (struct font){.width = width,
	        .height = height,
	        .row_bytes = (width + 7) / 8,
	        .glyph_bytes = (width + 7) / 8 * height,
	        .glyph_count = GLYPHS,
	        .character_count = GLYPHS,
	        .glyphs = machine.glyphs,
	        .characters = machine.characters};
	memset(machine.glyphs, 0, machine.font.glyph_bytes);
	for (uint32_t i = 0; i < GLYPHS; i++)
		machine.characters[i] = (struct character_entry){' ' + i, i};
	font_given = &machine.font;
}

/* The three colours in any order and size, with room between them where there is some. */
static void make_colours(struct dice *dice, struct boot_framebuffer *screen)
{
	uint8_t *sizes[] = {&screen->red_size, &screen->green_size, &screen->blue_size};
	uint8_t *shifts[] = {&screen->red_shift, &screen->green_shift, &screen->blue_shift};
	unsigned int first = (unsigned int)dice_below(dice, 3), bits = screen->bits_per_pixel / 3, place = 0;

	for (unsigned int i = 0; i < 3; i++) {
		unsigned int colour = (first + i) % 3;

		*sizes[colour] = (uint8_t)(1 + dice_below(dice, bits < 8 ? bits : 8));
		*shifts[colour] = (uint8_t)(place + dice_below(dice, bits + 1 - *sizes[colour]));
		place += bits;
	}
}

static void make_machine(struct dice *dice)
{
	struct boot_framebuffer *screen = &machine.info.framebuffer;

	make_font(dice);
	screen->bits_per_pixel = (uint8_t)(16 + 8 * dice_below(dice, 3));
	screen->width = machine.font.width * COLUMNS + (uint32_t)dice_below(dice, machine.font.width);
	screen->height = machine.font.height * ROWS + (uint32_t)dice_below(dice, machine.font.height);
	screen->pitch = screen->width * screen->bits_per_pixel / 8 + (uint32_t)dice_below(dice, PITCH_MORE);
	make_colours(dice, screen);
	machine.size = (size_t)screen->pitch * screen->height;
	machine.pixels = aligned_alloc(PAGE, (machine.size + PAGE - 1) / PAGE * PAGE);
	machine.model = malloc(machine.size);
	memset(machine.pixels, BESIDE, machine.size);
	screen->base = 1;
	screen->base_virtual = (uint64_t)machine.pixels;
	machine.cursor_visible = false;
	framebuffer_start(&machine.info);
	assert_int_equal(display_registered->columns, COLUMNS);
	assert_int_equal(display_registered->rows, ROWS);
	for (size_t i = 0; i < machine.size; i++)
		assert_int_equal(machine.pixels[i], 0);
	memset(machine.model, 0, machine.size);
	for (unsigned int i = 0; i < ROWS * COLUMNS; i++)
		machine.cells[i / COLUMNS][i % COLUMNS] = CELL_BLANK;
}

static void break_machine(void)
{
	display_registered->move_cursor(display_registered, 0, 0, false);
	free(machine.pixels);
	free(machine.model);
}

static uint32_t scaled(uint32_t value, uint8_t size, uint8_t shift)
{
	return value * (1u << size) / 256 << shift;
}

static void model_pixel(uint32_t x, uint32_t y, uint8_t colour)
{
	const struct boot_framebuffer *s = &machine.info.framebuffer;
	uint32_t rgb = palette_rgb(colour);
	uint32_t value = scaled(rgb >> 16 & 255, s->red_size, s->red_shift) +
	                 scaled(rgb >> 8 & 255, s->green_size, s->green_shift) +
	                 scaled(rgb & 255, s->blue_size, s->blue_shift);

	for (uint32_t byte = 0; byte < s->bits_per_pixel / 8u; byte++)
		machine.model[(size_t)y * s->pitch + x * (s->bits_per_pixel / 8u) + byte] =
		        (uint8_t)(value >> 8 * byte);
}

static void model_cell(unsigned int column, unsigned int row, bool cursor)
{
	const struct cell *cell = &machine.cells[row][column];
	const struct font *font = &machine.font;
	struct cell_colours colours = palette_of_cell(cell);
	uint32_t glyph = cell->character < ' ' ? 0 : cell->character - ' ';

	for (uint32_t i = 0; i < font->width * font->height; i++) {
		uint32_t x = i % font->width, y = i / font->width;
		uint8_t byte = machine.glyphs[glyph * font->glyph_bytes + y * font->row_bytes + x / 8];
		bool ink = (byte >> (7 - x % 8) & 1) || (cell->attributes & CELL_UNDERLINE && y == font->height - 2);

		model_pixel(column * font->width + x, row * font->height + y,
		        ink != cursor ? colours.foreground : colours.background);
	}
}

static void change_cells(struct dice *dice)
{
	unsigned int row = (unsigned int)dice_below(dice, ROWS), column = (unsigned int)dice_below(dice, COLUMNS);
	unsigned int count = 1 + (unsigned int)dice_below(dice, COLUMNS - column);

	for (unsigned int i = 0; i < count; i++) {
		struct cell *cell = &machine.cells[row][column + i];

		if (dice_below(dice, 3) == 0)
			continue; /* stays */
		cell->character = dice_below(dice, 20) ? ' ' + (uint32_t)dice_below(dice, GLYPHS) : 0;
		if (dice_below(dice, 8) == 0) {
			cell->foreground = (uint8_t)dice_roll(dice);
			cell->background = (uint8_t)dice_below(dice, 4);
			cell->attributes = (uint8_t)dice_below(dice, 8);
		}
	}
	display_registered->draw(display_registered, column, row, &machine.cells[row][column], count);
}

static void show_cursor(struct dice *dice)
{
	if (dice_below(dice, 2)) { /* else it stays where it is, and may have been drawn over */
		machine.cursor_column = (unsigned int)dice_below(dice, COLUMNS);
		machine.cursor_row = (unsigned int)dice_below(dice, ROWS);
	}
	machine.cursor_visible = dice_below(dice, 4) != 0;
	display_registered->move_cursor(
	        display_registered, machine.cursor_column, machine.cursor_row, machine.cursor_visible);
}

static void expect_picture(void)
{
	for (unsigned int row = 0; row < ROWS; row++) {
		for (unsigned int column = 0; column < COLUMNS; column++)
			model_cell(column, row,
			        machine.cursor_visible && column == machine.cursor_column && row == machine.cursor_row);
	}
	assert_memory_equal(machine.pixels, machine.model, machine.size);
}

static void draws_what_the_model_draws(void **state)
{
	struct dice dice = dice_take("framebuffer");
	uint64_t rounds = dice_rounds(60);

	(void)state;
	for (uint64_t round = 0; round < rounds; round++) {
		make_machine(&dice);
		for (unsigned int step = 0; step < 12; step++) {
			for (uint64_t i = dice_below(&dice, 6); i > 0; i--)
				change_cells(&dice);
			show_cursor(&dice);
			expect_picture();
		}
		break_machine();
	}
}

static struct {
	struct dice dice;
	bool has_come;
} emergency;

/* Whoever writes to a page that may not be written to is interrupted there, and goes on afterwards. */
static void interrupt(int number)
{
	(void)number;
	mprotect(machine.pixels, (machine.size + PAGE - 1) / PAGE * PAGE, PROT_READ | PROT_WRITE);
	emergency.has_come = true;
	for (unsigned int i = 0; i < 3; i++)
		change_cells(&emergency.dice);
	show_cursor(&emergency.dice);
}

/* An emergency in the middle of drawing, after which that goes on: when all is drawn again, all of it is true. */
static void is_drawn_again_after_an_emergency(void **state)
{
	struct dice dice = dice_take("framebuffer and emergencies");
	uint64_t rounds = dice_rounds(300);
	unsigned int came = 0;

	(void)state;
	signal(SIGSEGV, interrupt);
	for (uint64_t round = 0; round < rounds; round++) {
		make_machine(&dice);
		for (unsigned int step = 0; step < 6; step++) {
			size_t page = dice_below(&dice, machine.size / PAGE);

			emergency.dice.state = dice_roll(&dice);
			emergency.has_come = false;
			mprotect(machine.pixels + page * PAGE, PAGE, PROT_READ);
			change_cells(&dice);
			show_cursor(&dice);
			mprotect(machine.pixels + page * PAGE, PAGE, PROT_READ | PROT_WRITE);
			came += emergency.has_come;
			for (unsigned int row = 0; row < ROWS; row++)
				display_registered->draw(display_registered, 0, row, machine.cells[row], COLUMNS);
			show_cursor(&dice);
			expect_picture();
		}
		break_machine();
	}
	signal(SIGSEGV, SIG_DFL);
	assert_true(came > rounds / 4);
}

/* The cell that was to be drawn, in which an emergency puts the cursor, is nothing that anybody knows. */
static void show_cursor_here(int number)
{
	uint32_t cell_bytes = machine.font.width * machine.info.framebuffer.bits_per_pixel / 8u;

	(void)number;
	mprotect(machine.pixels, PAGE, PROT_READ | PROT_WRITE);
	display_registered->move_cursor(display_registered, 0, 0, true);
	emergency.has_come = true;
	machine.cells[0][0] = CELL_BLANK;
	model_cell(0, 0, true);
	for (uint32_t y = 0; y < machine.font.height; y++) {
		size_t line = (size_t)y * machine.info.framebuffer.pitch;

		assert_memory_equal(machine.pixels + line, machine.model + line, cell_bytes);
	}
}

static void a_cursor_on_what_is_unknown_is_a_blank(void **state)
{
	struct dice dice = {3};

	(void)state;
	signal(SIGSEGV, show_cursor_here);
	make_machine(&dice);
	emergency.has_come = false;
	machine.cells[0][0].character = 'x';
	mprotect(machine.pixels, PAGE, PROT_READ);
	display_registered->draw(display_registered, 0, 0, machine.cells[0], 1);
	assert_true(emergency.has_come);
	signal(SIGSEGV, SIG_DFL);
	break_machine();
}

/* A cell that looks the same costs no write: a pixel that somebody else changed stays. */
static void leaves_alone_what_stays(void **state)
{
	struct dice dice = {1};

	(void)state;
	make_machine(&dice);
	memset(machine.pixels, 0x5a, machine.size);
	display_registered->draw(display_registered, 0, 0, machine.cells[0], COLUMNS);
	for (size_t i = 0; i < machine.size; i++)
		assert_int_equal(machine.pixels[i], 0x5a);
	break_machine();
}

static void without_one_there_is_no_display(void **state)
{
	struct boot_info none = {.framebuffer = {.base = 0}};

	(void)state;
	display_registered = NULL;
	framebuffer_start(&none);
	assert_null(display_registered);
	font_given = NULL;
	machine.info.framebuffer.base = 1;
	framebuffer_start(&machine.info);
	assert_null(display_registered);
}

static void addresses_have_a_name(void **state)
{
	struct dice dice = {2};
	char text[80];

	(void)state;
	make_machine(&dice);
	assert_true(describer_added->describe(
	        (uint64_t)machine.pixels + machine.info.framebuffer.pitch + 5, text, sizeof(text)));
	assert_string_equal(text, "the framebuffer, line 1, byte 5");
	assert_false(describer_added->describe((uint64_t)machine.pixels - 1, text, sizeof(text)));
	assert_false(describer_added->describe((uint64_t)machine.pixels + machine.size, text, sizeof(text)));
	break_machine();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(draws_what_the_model_draws),
	        cmocka_unit_test(is_drawn_again_after_an_emergency),
	        cmocka_unit_test(a_cursor_on_what_is_unknown_is_a_blank),
	        cmocka_unit_test(leaves_alone_what_stays),
	        cmocka_unit_test(addresses_have_a_name),
	        cmocka_unit_test(without_one_there_is_no_display),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
