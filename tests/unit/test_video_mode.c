/* Graphics modes: what is asked for, what a video BIOS may claim, and which of its modes comes closest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "sample_video_mode.h"

#define VBE_2 0x200
#define VBE_3 0x300

/* 1024x768x32 as QEMU 7.2's video BIOS describes it. */
static struct vbe_mode_info good(void)
{
	return (struct vbe_mode_info){
	        .attributes = 0x9b,
	        .pitch = 4096,
	        .width = 1024,
	        .height = 768,
	        .planes = 1,
	        .bits_per_pixel = 32,
	        .banks = 1,
	        .memory_model = 6,
	        .red = {8, 16},
	        .green = {8, 8},
	        .blue = {8, 0},
	        .unused = {8, 24},
	        .base = 0xfd000000,
	        .linear_pitch = 4096,
	        .linear_red = {8, 16},
	        .linear_green = {8, 8},
	        .linear_blue = {8, 0},
	};
}

static bool parse(const char *text, struct video_wish *wish)
{
	return video_wish_parse(text, strlen(text), wish);
}

static void wishes(void **state)
{
	static const char *const nonsense[] = {"", "x", "nonsense", "Text", "auto1", "1024", "1024x", "x768",
	        "1024x768x", "0x768x32", "1024x0x32", "1024x768x0", "1024x768x32x", "1024x768x32 ", "-1x768x32",
	        "1024*768", "65536x768x32", "4294967297x768x32", "1024x768x99999999999999999999"};
	struct video_wish wish;

	(void)state;
	assert_true(parse("text", &wish) && wish.width == 0);
	assert_true(parse("auto", &wish) && wish.width == 1024 && wish.height == 768 && wish.is_limit);
	assert_true(parse("800x600x16", &wish) && wish.width == 800 && wish.height == 600 && wish.bits == 16);
	assert_false(wish.is_limit);
	assert_true(parse("9999x9999", &wish) && wish.width == 9999 && wish.height == 9999 && wish.bits == 32);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		assert_false(parse(nonsense[i], &wish));
	assert_false(video_wish_parse("auto", 3, &wish));
}

static void reads_a_good_mode(void **state)
{
	struct vbe_mode_info info = good();
	struct boot_framebuffer screen;

	(void)state;
	assert_true(video_mode_read(&info, VBE_3, &screen));
	assert_null(sample_video_mode_judge(&screen));
	assert_int_equal(screen.base, 0xfd000000);
	assert_int_equal(screen.width, 1024);
	assert_int_equal(screen.height, 768);
	assert_int_equal(screen.pitch, 4096);
	assert_int_equal(screen.red_shift, 16);
	assert_int_equal(screen.blue_size, 8);
	assert_int_equal(video_mode_size(&screen), 4096 * 768);
}

/* From version 3.0 on the linear framebuffer has fields of its own; before, they may hold anything. */
static void linear_fields_count_from_version_3(void **state)
{
	struct vbe_mode_info info = good();
	struct boot_framebuffer screen;

	(void)state;
	info.linear_pitch = 5000;
	info.linear_red = (struct vbe_mask){8, 0};
	info.linear_blue = (struct vbe_mask){8, 16};
	assert_true(video_mode_read(&info, VBE_3, &screen));
	assert_int_equal(screen.pitch, 5000);
	assert_int_equal(screen.red_shift, 0);
	assert_true(video_mode_read(&info, VBE_2, &screen));
	assert_int_equal(screen.pitch, 4096);
	assert_int_equal(screen.red_shift, 16);
	info.linear_pitch = 0; /* a BIOS that claims 3.0 and does not know them */
	assert_true(video_mode_read(&info, VBE_3, &screen));
	assert_int_equal(screen.red_shift, 16);
}

static void packed_modes_may_have_no_masks(void **state)
{
	struct vbe_mode_info info = good();
	struct boot_framebuffer screen;

	(void)state;
	info.red = info.green = info.blue = (struct vbe_mask){0, 0};
	assert_false(video_mode_read(&info, VBE_2, &screen));
	info.memory_model = 4;
	assert_true(video_mode_read(&info, VBE_2, &screen));
	assert_int_equal(screen.red_shift, 16);
	info.bits_per_pixel = 16;
	assert_true(video_mode_read(&info, VBE_2, &screen));
	assert_int_equal(screen.green_size, 6);
	assert_int_equal(screen.red_shift, 11);
}

#define REFUSES(change)                                                                                                \
	do {                                                                                                           \
		struct vbe_mode_info info = good();                                                                    \
		struct boot_framebuffer screen;                                                                        \
		info.change;                                                                                           \
		assert_false(video_mode_read(&info, VBE_2, &screen));                                                  \
	} while (0)

static void refuses_what_makes_no_sense(void **state)
{
	(void)state;
	REFUSES(attributes = 0);
	REFUSES(attributes = 0x9a); /* not on this monitor */
	REFUSES(attributes = 0x93); /* monochrome */
	REFUSES(attributes = 0x8b); /* text */
	REFUSES(attributes = 0x1b); /* no linear framebuffer */
	REFUSES(red = info.blue);
	REFUSES(red = info.green);
	REFUSES(green = info.blue);
	REFUSES(memory_model = 0);
	REFUSES(memory_model = 3); /* planes */
	REFUSES(memory_model = 5);
	REFUSES(bits_per_pixel = 0);
	REFUSES(bits_per_pixel = 8);
	REFUSES(bits_per_pixel = 15);
	REFUSES(bits_per_pixel = 64);
	REFUSES(width = 0);
	REFUSES(width = 320);
	REFUSES(height = 200);
	REFUSES(pitch = 0);
	REFUSES(pitch = 4095);
	REFUSES(base = 0);
	REFUSES(base = 0xffffffff);
	REFUSES(base = 0xffd00001); /* its last line does not fit below 4 GiB */
	REFUSES(red.size = 0);
	REFUSES(green.size = 9);
	REFUSES(blue.shift = 25);
	REFUSES(blue.shift = 255);
	REFUSES(red.shift = 8); /* that of green */
	REFUSES(red.shift = 1);
}

static struct boot_framebuffer screen_of(uint32_t width, uint32_t height, uint8_t bits)
{
	return (struct boot_framebuffer){.width = width, .height = height, .bits_per_pixel = bits};
}

static void the_closest_comes_first(void **state)
{
	static const uint32_t modes[][3] = {{640, 480, 32}, {800, 600, 16}, {1024, 768, 16}, {1024, 768, 24},
	        {1280, 1024, 32}, {1024, 768, 32}, {800, 600, 24}};
	struct video_candidates list = {0}, limited = {0};
	struct video_wish wish;

	(void)state;
	assert_true(parse("1024x768x24", &wish));
	for (uint16_t i = 0; i < 7; i++) {
		struct boot_framebuffer screen = screen_of(modes[i][0], modes[i][1], (uint8_t)modes[i][2]);
		struct video_wish automatic;

		assert_true(parse("auto", &automatic));
		video_candidates_add(&list, &wish, i, &screen);
		video_candidates_add(&limited, &automatic, i, &screen);
	}
	assert_int_equal(list.count, 7);
	assert_int_equal(list.list[0].mode, 3);
	assert_int_equal(list.list[0].distance, 0);
	assert_int_equal(list.list[1].mode, 5); /* deeper is better */
	assert_int_equal(list.list[2].mode, 2);
	assert_int_equal(list.list[3].mode, 6);
	assert_int_equal(limited.count, 6);
	assert_int_equal(limited.list[0].mode, 5);
}

/* Any list of any modes: the best are kept, in order, and nothing is written behind them. */
static void keeps_the_best_of_many(void **state)
{
	struct dice dice = dice_take("video_mode");
	uint64_t rounds = dice_rounds(2000);

	(void)state;
	for (uint64_t round = 0; round < rounds; round++) {
		struct video_wish wish = {(uint32_t)dice_below(&dice, 4000) + 1, (uint32_t)dice_below(&dice, 3000) + 1,
		        (uint32_t)dice_below(&dice, 40) + 1, dice_below(&dice, 4) == 0};
		struct video_candidates list = {0}, alone;
		uint32_t least = UINT32_MAX, count = (uint32_t)dice_below(&dice, 40);

		for (uint16_t i = 0; i < count; i++) {
			struct boot_framebuffer screen = screen_of(640 + (uint32_t)dice_below(&dice, 3000),
			        400 + (uint32_t)dice_below(&dice, 2000), (uint8_t)(16 + 8 * dice_below(&dice, 3)));

			alone = (struct video_candidates){0};
			video_candidates_add(&alone, &wish, i, &screen);
			if (alone.count && alone.list[0].distance < least)
				least = alone.list[0].distance;
			video_candidates_add(&list, &wish, i, &screen);
			assert_null(sample_video_mode_judge_list(&list, &wish));
		}
		assert_true(list.count ? list.list[0].distance == least : least == UINT32_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(wishes),
	        cmocka_unit_test(reads_a_good_mode),
	        cmocka_unit_test(linear_fields_count_from_version_3),
	        cmocka_unit_test(packed_modes_may_have_no_masks),
	        cmocka_unit_test(refuses_what_makes_no_sense),
	        cmocka_unit_test(the_closest_comes_first),
	        cmocka_unit_test(keeps_the_best_of_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
