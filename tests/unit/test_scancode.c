/*
 * Scancodes to keys. The table is that of Microsoft's Keyboard Scan Code Specification 1.3a, appendix C, with what each
 * key sends when it is pressed, in set 1 and in set 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dev/input.h"
#include "dice.h"
#include "drivers/scancode.h"

#define E0 0x100 /* with this prefix */

static const struct {
	uint8_t key;
	uint16_t set_1, set_2;
} keys[] = {
        {KEY_GRAVE, 0x29, 0x0e},
        {KEY_1, 0x02, 0x16},
        {KEY_2, 0x03, 0x1e},
        {KEY_3, 0x04, 0x26},
        {KEY_4, 0x05, 0x25},
        {KEY_5, 0x06, 0x2e},
        {KEY_6, 0x07, 0x36},
        {KEY_7, 0x08, 0x3d},
        {KEY_8, 0x09, 0x3e},
        {KEY_9, 0x0a, 0x46},
        {KEY_0, 0x0b, 0x45},
        {KEY_MINUS, 0x0c, 0x4e},
        {KEY_EQUAL, 0x0d, 0x55},
        {KEY_BACKSPACE, 0x0e, 0x66},
        {KEY_TAB, 0x0f, 0x0d},
        {KEY_Q, 0x10, 0x15},
        {KEY_W, 0x11, 0x1d},
        {KEY_E, 0x12, 0x24},
        {KEY_R, 0x13, 0x2d},
        {KEY_T, 0x14, 0x2c},
        {KEY_Y, 0x15, 0x35},
        {KEY_U, 0x16, 0x3c},
        {KEY_I, 0x17, 0x43},
        {KEY_O, 0x18, 0x44},
        {KEY_P, 0x19, 0x4d},
        {KEY_LEFT_BRACKET, 0x1a, 0x54},
        {KEY_RIGHT_BRACKET, 0x1b, 0x5b},
        {KEY_BACKSLASH, 0x2b, 0x5d},
        {KEY_CAPS_LOCK, 0x3a, 0x58},
        {KEY_A, 0x1e, 0x1c},
        {KEY_S, 0x1f, 0x1b},
        {KEY_D, 0x20, 0x23},
        {KEY_F, 0x21, 0x2b},
        {KEY_G, 0x22, 0x34},
        {KEY_H, 0x23, 0x33},
        {KEY_J, 0x24, 0x3b},
        {KEY_K, 0x25, 0x42},
        {KEY_L, 0x26, 0x4b},
        {KEY_SEMICOLON, 0x27, 0x4c},
        {KEY_APOSTROPHE, 0x28, 0x52},
        {KEY_ENTER, 0x1c, 0x5a},
        {KEY_LEFT_SHIFT, 0x2a, 0x12},
        {KEY_BETWEEN, 0x56, 0x61},
        {KEY_Z, 0x2c, 0x1a},
        {KEY_X, 0x2d, 0x22},
        {KEY_C, 0x2e, 0x21},
        {KEY_V, 0x2f, 0x2a},
        {KEY_B, 0x30, 0x32},
        {KEY_N, 0x31, 0x31},
        {KEY_M, 0x32, 0x3a},
        {KEY_COMMA, 0x33, 0x41},
        {KEY_DOT, 0x34, 0x49},
        {KEY_SLASH, 0x35, 0x4a},
        {KEY_RIGHT_SHIFT, 0x36, 0x59},
        {KEY_LEFT_CONTROL, 0x1d, 0x14},
        {KEY_LEFT_ALT, 0x38, 0x11},
        {KEY_SPACE, 0x39, 0x29},
        {KEY_RIGHT_ALT, E0 | 0x38, E0 | 0x11},
        {KEY_RIGHT_CONTROL, E0 | 0x1d, E0 | 0x14},
        {KEY_INSERT, E0 | 0x52, E0 | 0x70},
        {KEY_DELETE, E0 | 0x53, E0 | 0x71},
        {KEY_LEFT, E0 | 0x4b, E0 | 0x6b},
        {KEY_HOME, E0 | 0x47, E0 | 0x6c},
        {KEY_END, E0 | 0x4f, E0 | 0x69},
        {KEY_UP, E0 | 0x48, E0 | 0x75},
        {KEY_DOWN, E0 | 0x50, E0 | 0x72},
        {KEY_PAGE_UP, E0 | 0x49, E0 | 0x7d},
        {KEY_PAGE_DOWN, E0 | 0x51, E0 | 0x7a},
        {KEY_RIGHT, E0 | 0x4d, E0 | 0x74},
        {KEY_NUM_LOCK, 0x45, 0x77},
        {KEY_KEYPAD_7, 0x47, 0x6c},
        {KEY_KEYPAD_4, 0x4b, 0x6b},
        {KEY_KEYPAD_1, 0x4f, 0x69},
        {KEY_KEYPAD_SLASH, E0 | 0x35, E0 | 0x4a},
        {KEY_KEYPAD_8, 0x48, 0x75},
        {KEY_KEYPAD_5, 0x4c, 0x73},
        {KEY_KEYPAD_2, 0x50, 0x72},
        {KEY_KEYPAD_0, 0x52, 0x70},
        {KEY_KEYPAD_STAR, 0x37, 0x7c},
        {KEY_KEYPAD_9, 0x49, 0x7d},
        {KEY_KEYPAD_6, 0x4d, 0x74},
        {KEY_KEYPAD_3, 0x51, 0x7a},
        {KEY_KEYPAD_DECIMAL, 0x53, 0x71},
        {KEY_KEYPAD_MINUS, 0x4a, 0x7b},
        {KEY_KEYPAD_PLUS, 0x4e, 0x79},
        {KEY_KEYPAD_ENTER, E0 | 0x1c, E0 | 0x5a},
        {KEY_ESCAPE, 0x01, 0x76},
        {KEY_F1, 0x3b, 0x05},
        {KEY_F2, 0x3c, 0x06},
        {KEY_F3, 0x3d, 0x04},
        {KEY_F4, 0x3e, 0x0c},
        {KEY_F5, 0x3f, 0x03},
        {KEY_F6, 0x40, 0x0b},
        {KEY_F7, 0x41, 0x83},
        {KEY_F8, 0x42, 0x0a},
        {KEY_F9, 0x43, 0x01},
        {KEY_F10, 0x44, 0x09},
        {KEY_F11, 0x57, 0x78},
        {KEY_F12, 0x58, 0x07},
        {KEY_SCROLL_LOCK, 0x46, 0x7e},
        {KEY_LEFT_SUPER, E0 | 0x5b, E0 | 0x1f},
        {KEY_RIGHT_SUPER, E0 | 0x5c, E0 | 0x27},
        {KEY_MENU, E0 | 0x5d, E0 | 0x2f},
        {KEY_POWER, E0 | 0x5e, E0 | 0x37},
        {KEY_SLEEP, E0 | 0x5f, E0 | 0x3f},
        {KEY_WAKE, E0 | 0x63, E0 | 0x5e},
        {KEY_KEYPAD_EQUAL, 0x59, 0x0f},
        {KEY_KEYPAD_COMMA, 0x7e, 0x6d},
        {KEY_RO, 0x73, 0x51},
        {KEY_YEN, 0x7d, 0x6a},
        {KEY_KANA, 0x70, 0x13},
        {KEY_CONVERT, 0x79, 0x64},
        {KEY_NO_CONVERT, 0x7b, 0x67},
        {KEY_F13, 0x64, 0x08},
        {KEY_F14, 0x65, 0x10},
        {KEY_F15, 0x66, 0x18},
        {KEY_F16, 0x67, 0x20},
        {KEY_F17, 0x68, 0x28},
        {KEY_F18, 0x69, 0x30},
        {KEY_F19, 0x6a, 0x38},
        {KEY_F20, 0x6b, 0x40},
        {KEY_F21, 0x6c, 0x48},
        {KEY_F22, 0x6d, 0x50},
        {KEY_F23, 0x6e, 0x57},
        {KEY_F24, 0x76, 0x5f},
        {KEY_NEXT_TRACK, E0 | 0x19, E0 | 0x4d},
        {KEY_PREVIOUS_TRACK, E0 | 0x10, E0 | 0x15},
        {KEY_STOP, E0 | 0x24, E0 | 0x3b},
        {KEY_PLAY, E0 | 0x22, E0 | 0x34},
        {KEY_MUTE, E0 | 0x20, E0 | 0x23},
        {KEY_VOLUME_UP, E0 | 0x30, E0 | 0x32},
        {KEY_VOLUME_DOWN, E0 | 0x2e, E0 | 0x21},
        {KEY_MEDIA, E0 | 0x6d, E0 | 0x50},
        {KEY_MAIL, E0 | 0x6c, E0 | 0x48},
        {KEY_CALCULATOR, E0 | 0x21, E0 | 0x2b},
        {KEY_COMPUTER, E0 | 0x6b, E0 | 0x40},
        {KEY_SEARCH, E0 | 0x65, E0 | 0x10},
        {KEY_WEB_HOME, E0 | 0x32, E0 | 0x3a},
        {KEY_BACK, E0 | 0x6a, E0 | 0x38},
        {KEY_FORWARD, E0 | 0x69, E0 | 0x30},
        {KEY_WEB_STOP, E0 | 0x68, E0 | 0x28},
        {KEY_REFRESH, E0 | 0x67, E0 | 0x20},
        {KEY_FAVORITES, E0 | 0x66, E0 | 0x18},
};

static struct scancode_decoder decoder;

/* All bytes but the last mean nothing yet; the result of the last. */
static int feed(const char *bytes, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++)
		assert_int_equal(scancode_decode(&decoder, (uint8_t)bytes[i], false), SCANCODE_NOTHING);
	return scancode_decode(&decoder, (uint8_t)bytes[length - 1], false);
}

#define FEED(bytes) feed(bytes, sizeof(bytes) - 1)

static int feed_code(uint16_t code, const char *release, uint8_t release_bit)
{
	char bytes[4];
	size_t length = 0;

	if (code & E0)
		bytes[length++] = '\xe0';
	if (release != NULL)
		bytes[length++] = *release;
	bytes[length++] = (char)(code | release_bit);
	return feed(bytes, length);
}

static void test_every_key(void **state)
{
	static const char f0 = '\xf0';

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		scancode_reset(&decoder, false);
		assert_int_equal(feed_code(keys[i].set_1, NULL, 0), keys[i].key);
		if (keys[i].key != KEY_LEFT_SHIFT)
			assert_int_equal(feed_code(keys[i].set_1, NULL, 0x80), keys[i].key | SCANCODE_RELEASE);
		scancode_reset(&decoder, true);
		assert_int_equal(feed_code(keys[i].set_2, NULL, 0), keys[i].key);
		assert_int_equal(feed_code(keys[i].set_2, &f0, 0), keys[i].key | SCANCODE_RELEASE);
	}
}

/* No two keys are one, and nothing but these has a number below 80h (which are keys that exist nowhere). */
static void test_keys_are_different(void **state)
{
	uint8_t seen[256] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(seen[keys[i].key]++, 0);
}

static void test_pause(void **state)
{
	(void)state;
	scancode_reset(&decoder, false);
	assert_int_equal(FEED("\xe1\x1d\x45"), KEY_PAUSE);
	assert_int_equal(FEED("\xe1\x9d\xc5"), KEY_PAUSE | SCANCODE_RELEASE);
	assert_int_equal(FEED("\xe0\x46"), KEY_PAUSE); /* with Control */
	assert_int_equal(FEED("\xe0\xc6"), KEY_PAUSE | SCANCODE_RELEASE);
	scancode_reset(&decoder, true);
	assert_int_equal(FEED("\xe1\x14\x77"), KEY_PAUSE);
	assert_int_equal(FEED("\xe1\xf0\x14\xf0\x77"), KEY_PAUSE | SCANCODE_RELEASE);
	assert_int_equal(FEED("\xe0\x7e"), KEY_PAUSE);
	assert_int_equal(FEED("\xe0\xf0\x7e"), KEY_PAUSE | SCANCODE_RELEASE);
	assert_int_equal(FEED("\x14"), KEY_LEFT_CONTROL); /* nothing is left over */
}

/* Shift, Num Lock's shadow and Alt change what Print Screen sends, not what it is. */
static void test_print_screen(void **state)
{
	(void)state;
	scancode_reset(&decoder, false);
	assert_int_equal(FEED("\xe0\x2a\xe0\x37"), KEY_PRINT_SCREEN);
	assert_int_equal(FEED("\xe0\xb7"), KEY_PRINT_SCREEN | SCANCODE_RELEASE);
	assert_int_equal(FEED("\xe0\xaa"), SCANCODE_NOTHING);
	assert_int_equal(FEED("\x54"), KEY_PRINT_SCREEN);
	assert_int_equal(FEED("\xd4"), KEY_PRINT_SCREEN | SCANCODE_RELEASE);
	scancode_reset(&decoder, true);
	assert_int_equal(FEED("\xe0\x12\xe0\x7c"), KEY_PRINT_SCREEN);
	assert_int_equal(FEED("\xe0\xf0\x7c"), KEY_PRINT_SCREEN | SCANCODE_RELEASE);
	assert_int_equal(FEED("\xe0\xf0\x12"), SCANCODE_NOTHING);
	assert_int_equal(FEED("\x84"), KEY_PRINT_SCREEN);
	assert_int_equal(FEED("\xf0\x84"), KEY_PRINT_SCREEN | SCANCODE_RELEASE);
}

static void test_fake_shifts(void **state)
{
	(void)state;
	scancode_reset(&decoder, false);
	assert_int_equal(FEED("\xe0\x2a\xe0\x48"), KEY_UP);
	assert_int_equal(FEED("\xe0\xc8"), KEY_UP | SCANCODE_RELEASE);
	assert_int_equal(FEED("\xe0\xaa\xe0\x36\xe0\xb6\xe0\x4d"), KEY_RIGHT);
	scancode_reset(&decoder, true);
	assert_int_equal(FEED("\xe0\x59\xe0\xf0\x59\xe0\xf0\x12\xe0\x75"), KEY_UP);
}

/* In set 1 AA is left Shift let go, if that is down. */
static void test_restart(void **state)
{
	(void)state;
	scancode_reset(&decoder, false);
	assert_int_equal(scancode_decode(&decoder, 0xaa, false), SCANCODE_RESTARTED);
	assert_int_equal(scancode_decode(&decoder, 0xaa, true), KEY_LEFT_SHIFT | SCANCODE_RELEASE);
	scancode_reset(&decoder, true);
	assert_int_equal(scancode_decode(&decoder, 0xaa, true), SCANCODE_RESTARTED);
	assert_int_equal(FEED("\xf0\xaa"), SCANCODE_RESTARTED);
	assert_int_equal(FEED("\x1c"), KEY_A);
}

static void test_overrun(void **state)
{
	static const char *const begun[] = {"\xe0", "\xe1", "\xe1\x1d", "\xf0", "\xe0\xf0"};

	(void)state;
	for (int set_2 = 0; set_2 < 2; set_2++) {
		scancode_reset(&decoder, set_2);
		for (size_t i = 0; i < (set_2 ? 5 : 3); i++) {
			for (const char *c = begun[i]; *c; c++)
				scancode_decode(&decoder, (uint8_t)*c, false);
			assert_int_equal(scancode_decode(&decoder, i & 1 ? 0xff : 0x00, false), SCANCODE_OVERRUN);
			assert_int_equal(scancode_decode(&decoder, set_2 ? 0x1c : 0x1e, false), KEY_A);
		}
	}
}

/* What no keyboard sends does not stay in the way of what it sends then. */
static void test_nonsense(void **state)
{
	(void)state;
	scancode_reset(&decoder, false);
	assert_int_equal(FEED("\xe1\x1e"), SCANCODE_NOTHING);
	assert_int_equal(FEED("\x1e"), KEY_A);
	assert_int_equal(FEED("\xe1\x1d\x1d"), SCANCODE_NOTHING);
	assert_int_equal(FEED("\x1e"), KEY_A);
	assert_int_equal(FEED("\xe0\xe0\x48"), KEY_UP);
	scancode_reset(&decoder, true);
	assert_int_equal(FEED("\xe0\x90"), SCANCODE_NOTHING);
	assert_int_equal(FEED("\x1c"), KEY_A);
	assert_int_equal(FEED("\xf0\x90"), SCANCODE_NOTHING);
	assert_int_equal(FEED("\x1c"), KEY_A);
}

/* Any bytes: a result that is none of these would be an index beyond a table somewhere. */
/* No key has the number 0, also where a prefix makes more of it. */
static void test_no_key(void **state)
{
	(void)state;
	scancode_reset(&decoder, false);
	assert_int_equal(scancode_decode(&decoder, 0x80, false), SCANCODE_NOTHING);
	assert_int_equal(scancode_decode(&decoder, 0xe0, false), SCANCODE_NOTHING);
	assert_int_equal(scancode_decode(&decoder, 0x80, false), SCANCODE_NOTHING);
}

static void test_any_bytes(void **state)
{
	struct dice dice = dice_take("scancode");
	uint64_t rounds = dice_rounds(1000000);

	(void)state;
	for (uint64_t i = 0; i < rounds; i++) {
		int result;

		if (dice_below(&dice, 1000) == 0)
			scancode_reset(&decoder, dice_below(&dice, 2) == 0);
		result = scancode_decode(&decoder, (uint8_t)dice_roll(&dice), dice_below(&dice, 2) == 0);
		assert_true(result >= SCANCODE_RESTARTED && result <= (SCANCODE_RELEASE | 0xff));
		assert_int_not_equal(result, SCANCODE_RELEASE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_key),
	        cmocka_unit_test(test_keys_are_different),
	        cmocka_unit_test(test_pause),
	        cmocka_unit_test(test_print_screen),
	        cmocka_unit_test(test_fake_shifts),
	        cmocka_unit_test(test_restart),
	        cmocka_unit_test(test_overrun),
	        cmocka_unit_test(test_nonsense),
	        cmocka_unit_test(test_no_key),
	        cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
