/* What a display says of itself, and what it may not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "video_edid.h"

static uint8_t edid[VIDEO_EDID_SIZE];
static uint32_t width, height;

static void seal(void)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < VIDEO_EDID_SIZE - 1; i++)
		sum = (uint8_t)(sum + edid[i]);
	edid[VIDEO_EDID_SIZE - 1] = (uint8_t)-sum;
}

/* A display of 1920 x 1080. */
static int fresh(void **state)
{
	static const uint8_t header[] = {0, 255, 255, 255, 255, 255, 255, 0};
	static const uint8_t timing[] = {0x02, 0x3a, 0x80, 0x18, 0x71, 0x38, 0x2d, 0x40};

	(void)state;
	memset(edid, 0, sizeof(edid));
	memcpy(edid, header, sizeof(header));
	memcpy(edid + 54, timing, sizeof(timing));
	seal();
	return 0;
}

static void tells_its_size(void **state)
{
	(void)state;
	assert_true(video_edid_preferred(edid, &width, &height));
	assert_int_equal(width, 1920);
	assert_int_equal(height, 1080);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		uint8_t at, value;
	} changes[] = {{0, 1}, {7, 255}, {71, 0x80}, {58, 0x11}, {61, 0x00}};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		fresh(NULL);
		edid[changes[i].at] = changes[i].value;
		seal();
		assert_false(video_edid_preferred(edid, &width, &height));
	}
	fresh(NULL);
	edid[54] = edid[55] = 0;
	seal();
	assert_false(video_edid_preferred(edid, &width, &height));
	fresh(NULL);
	edid[100]++; /* the sum is wrong */
	assert_false(video_edid_preferred(edid, &width, &height));
	memset(edid, 0, sizeof(edid));
	assert_false(video_edid_preferred(edid, &width, &height));
}

static void any_bytes_make_a_size_that_can_be(void **state)
{
	struct dice dice = dice_take("edid");

	(void)state;
	for (uint64_t rounds = dice_rounds(100000); rounds > 0; rounds--) {
		fresh(NULL);
		for (uint64_t left = dice_below(&dice, 6); left > 0; left--)
			edid[54 + dice_below(&dice, 18)] = (uint8_t)dice_below(&dice, 256);
		seal();
		if (video_edid_preferred(edid, &width, &height))
			assert_true(width >= 640 && width < 4096 && height >= 400 && height < 4096);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(tells_its_size, fresh),
	        cmocka_unit_test_setup(nonsense_is_refused, fresh),
	        cmocka_unit_test_setup(any_bytes_make_a_size_that_can_be, fresh),
	};

	return cmocka_run_group_tests_name("video_edid", tests, NULL, NULL);
}
