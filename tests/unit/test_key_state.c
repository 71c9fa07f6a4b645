#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "dice.h"
#include "drivers/key_state.h"

static struct key_state keys;
static struct key_event events[KEY_STATE_EVENTS_MAX];

static unsigned int press(uint8_t key)
{
	return key_state_press(&keys, key, events);
}

static void release(uint8_t key)
{
	key_state_release(&keys, key, events);
}

static void strike(uint8_t key)
{
	press(key);
	release(key);
}

/* One event, with this in it. */
static void expect(uint8_t key, uint32_t unicode, uint8_t modifiers)
{
	assert_int_equal(press(key), 1);
	assert_int_equal(events[0].unicode, unicode);
	assert_int_equal(events[0].modifiers, modifiers);
	assert_int_equal(events[0].action, INPUT_PRESS);
	assert_int_equal(events[0].source, INPUT_KEYBOARD);
	release(key);
}

static int start(void **state)
{
	(void)state;
	key_state_start(&keys, &keymap_us);
	return 0;
}

static void test_an_event_is_an_item(void **state)
{
	struct key_event event = {0x20ac, KEY_E, INPUT_ALT_GR, INPUT_REPEAT, INPUT_SERIAL}, again;

	(void)state;
	again = input_event(input_item(event));
	assert_memory_equal(&event, &again, sizeof(event));
}

static void test_press_repeat_release(void **state)
{
	static const uint8_t actions[] = {INPUT_PRESS, INPUT_REPEAT, INPUT_REPEAT};

	(void)state;
	for (size_t i = 0; i < sizeof(actions); i++) {
		assert_int_equal(press(KEY_A), 1);
		assert_int_equal(events[0].action, actions[i]);
		assert_int_equal(events[0].key, KEY_A);
		assert_int_equal(events[0].unicode, 'a');
	}
	assert_int_equal(key_state_release(&keys, KEY_A, events), 1);
	assert_int_equal(events[0].action, INPUT_RELEASE);
	assert_int_equal(events[0].key, KEY_A);
	assert_int_equal(events[0].unicode, 0);
	assert_int_equal(key_state_release(&keys, KEY_A, events), 0); /* what is not down is not let go */
}

/* Only the last key repeats: another one that comes again was let go where nobody saw it. */
static void test_a_release_that_got_lost(void **state)
{
	(void)state;
	press(KEY_A);
	press(KEY_B);
	expect(KEY_A, 'a', 0);
	press(KEY_CAPS_LOCK);
	assert_int_equal(keys.locks & KEY_LOCK_CAPS, KEY_LOCK_CAPS);
	press(KEY_B);
	press(KEY_CAPS_LOCK);
	assert_int_equal(keys.locks & KEY_LOCK_CAPS, 0);
}

/* Shift whose release went to another window: striking it once more sets it right. */
static void test_a_modifier_that_is_stuck(void **state)
{
	(void)state;
	press(KEY_LEFT_SHIFT);
	expect(KEY_A, 'A', INPUT_SHIFT);
	strike(KEY_LEFT_SHIFT);
	expect(KEY_A, 'a', 0);
}

static void test_all_keys_are_let_go(void **state)
{
	uint8_t pressed[] = {KEY_A, KEY_LEFT_SHIFT, KEY_RIGHT_ALT, KEY_UP, 0xff}, seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(pressed); i++)
		press(pressed[i]);
	while (key_state_release_any(&keys, events)) {
		assert_int_equal(events[0].action, INPUT_RELEASE);
		seen++;
	}
	assert_int_equal(seen, sizeof(pressed));
	expect(KEY_A, 'a', 0);
}

static void test_modifiers(void **state)
{
	static const struct {
		uint8_t key, modifier;
	} cases[] = {
	        {KEY_LEFT_SHIFT, INPUT_SHIFT},
	        {KEY_RIGHT_SHIFT, INPUT_SHIFT},
	        {KEY_LEFT_CONTROL, INPUT_CONTROL},
	        {KEY_RIGHT_CONTROL, INPUT_CONTROL},
	        {KEY_LEFT_ALT, INPUT_ALT},
	        {KEY_RIGHT_ALT, INPUT_ALT},
	        {KEY_LEFT_SUPER, INPUT_SUPER},
	        {KEY_RIGHT_SUPER, INPUT_SUPER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(press(cases[i].key), 1);
		assert_int_equal(events[0].modifiers, cases[i].modifier);
		assert_int_equal(press(cases[i].key), 0); /* that it is still held is no news */
		press(KEY_F1);
		assert_int_equal(events[0].modifiers, cases[i].modifier);
		release(KEY_F1);
		assert_int_equal(key_state_release(&keys, cases[i].key, events), 1);
		assert_int_equal(events[0].modifiers, 0);
	}
	press(KEY_LEFT_SHIFT);
	press(KEY_RIGHT_SHIFT);
	release(KEY_LEFT_SHIFT);
	expect(KEY_A, 'A', INPUT_SHIFT);
}

static void test_right_alt_is_alt_gr_where_something_is_printed(void **state)
{
	(void)state;
	press(KEY_RIGHT_ALT);
	expect(KEY_Q, 'q', INPUT_ALT);
	key_state_set_keymap(&keys, &keymap_de);
	expect(KEY_Q, u'@', INPUT_ALT_GR);
	expect(KEY_W, 0, INPUT_ALT_GR);
	expect(KEY_E, 0x20ac, INPUT_ALT_GR);
	expect(KEY_SPACE, ' ', INPUT_ALT_GR); /* AltGr is often still held */
}

static void test_control(void **state)
{
	(void)state;
	press(KEY_LEFT_CONTROL);
	expect(KEY_C, 3, INPUT_CONTROL);
	expect(KEY_Z, 26, INPUT_CONTROL);
	expect(KEY_LEFT_BRACKET, 27, INPUT_CONTROL);
	expect(KEY_BACKSLASH, 28, INPUT_CONTROL);
	expect(KEY_1, '1', INPUT_CONTROL);
	expect(KEY_ENTER, '\n', INPUT_CONTROL);
	expect(KEY_BACKSPACE, '\b', INPUT_CONTROL);
	strike(KEY_CAPS_LOCK);
	expect(KEY_C, 3, INPUT_CONTROL);
	press(KEY_LEFT_SHIFT);
	expect(KEY_MINUS, 31, INPUT_CONTROL | INPUT_SHIFT);
	expect(KEY_2, 0, INPUT_CONTROL | INPUT_SHIFT); /* Control-@ is no character */
	expect(KEY_SLASH, 127, INPUT_CONTROL | INPUT_SHIFT);
	key_state_set_keymap(&keys, &keymap_fr);
	expect(KEY_Q, 1, INPUT_CONTROL | INPUT_SHIFT); /* where `A` is printed */
}

static void test_keys_with_a_character_of_their_own(void **state)
{
	(void)state;
	expect(KEY_ENTER, '\n', 0);
	expect(KEY_KEYPAD_ENTER, '\n', 0);
	expect(KEY_BACKSPACE, '\b', 0);
	expect(KEY_TAB, '\t', 0);
	expect(KEY_ESCAPE, 27, 0);
	expect(KEY_KEYPAD_SLASH, '/', 0);
	expect(KEY_KEYPAD_STAR, '*', 0);
	expect(KEY_KEYPAD_MINUS, '-', 0);
	expect(KEY_KEYPAD_PLUS, '+', 0);
	expect(KEY_F1, 0, 0);
	expect(KEY_UP, 0, 0);
	expect(KEY_DELETE, 0, 0);
}

static void test_keypad(void **state)
{
	static const uint8_t pad[] = {KEY_KEYPAD_7, KEY_KEYPAD_8, KEY_KEYPAD_9, KEY_KEYPAD_4, KEY_KEYPAD_5,
	        KEY_KEYPAD_6, KEY_KEYPAD_1, KEY_KEYPAD_2, KEY_KEYPAD_3, KEY_KEYPAD_0};
	static const uint8_t instead[] = {KEY_HOME, KEY_UP, KEY_PAGE_UP, KEY_LEFT, KEY_KEYPAD_5, KEY_RIGHT, KEY_END,
	        KEY_DOWN, KEY_PAGE_DOWN, KEY_INSERT};

	(void)state;
	for (int shift = 0; shift < 2; shift++) {
		for (int num = 0; num < 2; num++) {
			keys.locks = num ? KEY_LOCK_NUM : 0;
			for (size_t i = 0; i < sizeof(pad); i++) {
				if (shift)
					press(KEY_LEFT_SHIFT);
				press(pad[i]);
				assert_int_equal(events[0].unicode, num != shift ? (uint8_t) "7894561230"[i] : 0);
				assert_int_equal(events[0].key, num != shift ? pad[i] : instead[i]);
				release(pad[i]);
				release(KEY_LEFT_SHIFT);
			}
		}
	}
	keys.locks = 0;
	press(KEY_KEYPAD_DECIMAL);
	assert_int_equal(events[0].key, KEY_DELETE);
	release(KEY_KEYPAD_DECIMAL);
	keys.locks = KEY_LOCK_NUM;
	expect(KEY_KEYPAD_DECIMAL, '.', 0);
	key_state_set_keymap(&keys, &keymap_de);
	expect(KEY_KEYPAD_DECIMAL, ',', 0);
}

static void test_locks(void **state)
{
	(void)state;
	assert_int_equal(keys.locks, KEY_LOCK_NUM);
	press(KEY_CAPS_LOCK);
	press(KEY_CAPS_LOCK); /* held */
	release(KEY_CAPS_LOCK);
	strike(KEY_SCROLL_LOCK);
	strike(KEY_NUM_LOCK);
	assert_int_equal(keys.locks, KEY_LOCK_CAPS | KEY_LOCK_SCROLL);
	expect(KEY_A, 'A', 0);
	expect(KEY_1, '1', 0);
	press(KEY_LEFT_SHIFT);
	expect(KEY_A, 'a', INPUT_SHIFT);
	expect(KEY_1, '!', INPUT_SHIFT);
	release(KEY_LEFT_SHIFT);
	key_state_set_keymap(&keys, &keymap_de);
	expect(KEY_SEMICOLON, 0xd6, 0);
	key_state_set_keymap(&keys, &keymap_fr);
	expect(KEY_2, 0xc9, 0);
	strike(KEY_CAPS_LOCK);
	expect(KEY_2, 0xe9, 0);
}

static void test_dead_keys(void **state)
{
	(void)state;
	key_state_set_keymap(&keys, &keymap_fr);
	expect(KEY_LEFT_BRACKET, 0, 0);
	expect(KEY_E, 0xea, 0);
	expect(KEY_E, 'e', 0);
	expect(KEY_LEFT_BRACKET, 0, 0);
	expect(KEY_LEFT_BRACKET, '^', 0); /* twice: the accent alone */
	expect(KEY_LEFT_BRACKET, 0, 0);
	expect(KEY_SPACE, '^', 0);
	expect(KEY_LEFT_BRACKET, 0, 0);
	expect(KEY_BACKSPACE, 0, 0); /* takes back the accent, and nothing else */
	expect(KEY_E, 'e', 0);
	press(KEY_LEFT_SHIFT);
	expect(KEY_LEFT_BRACKET, 0, INPUT_SHIFT);
	expect(KEY_E, 0xcb, INPUT_SHIFT); /* Shift between them is no letter */
}

/* An accent that does not go on what follows: both stand alone. */
static void test_dead_key_and_a_stranger(void **state)
{
	(void)state;
	key_state_set_keymap(&keys, &keymap_fr);
	strike(KEY_LEFT_BRACKET);
	assert_int_equal(press(KEY_X), 2);
	assert_int_equal(events[0].unicode, '^');
	assert_int_equal(events[0].key, KEY_NONE);
	assert_int_equal(events[1].unicode, 'x');
	assert_int_equal(events[1].key, KEY_X);
	release(KEY_X);
	strike(KEY_LEFT_BRACKET);
	press(KEY_LEFT_SHIFT);
	expect(KEY_LEFT_BRACKET, '^', INPUT_SHIFT); /* another accent: the first stands alone, the second waits */
	expect(KEY_E, 0xcb, INPUT_SHIFT);
	release(KEY_LEFT_SHIFT);
	strike(KEY_LEFT_BRACKET);
	assert_int_equal(press(KEY_ENTER), 2);
	assert_int_equal(events[1].unicode, '\n');
}

static void test_dead_key_that_is_held(void **state)
{
	(void)state;
	key_state_set_keymap(&keys, &keymap_de);
	press(KEY_GRAVE);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(press(KEY_GRAVE), 1);
		assert_int_equal(events[0].unicode, 0);
	}
	release(KEY_GRAVE);
	expect(KEY_A, 0xe2, 0);
	strike(KEY_EQUAL);
	key_state_set_keymap(&keys, &keymap_us); /* forgets it */
	expect(KEY_A, 'a', 0);
}

/* Whatever is pressed: what is down at the end is let go, and nothing waits for ever. */
static void test_any_keys(void **state)
{
	struct dice dice = dice_take("key_state");
	uint64_t rounds = dice_rounds(300000);

	(void)state;
	for (uint64_t i = 0; i < rounds; i++) {
		uint8_t key = (uint8_t)dice_roll(&dice);
		unsigned int count = dice_below(&dice, 2) ? press(key) : key_state_release(&keys, key, events);

		assert_true(count <= KEY_STATE_EVENTS_MAX);
		for (unsigned int n = 0; n < count; n++)
			assert_true(events[n].unicode < DEAD_GRAVE);
		assert_true(keys.dead_key == 0 || (keys.dead_key >= DEAD_GRAVE && keys.dead_key < DEAD_END));
		if (dice_below(&dice, 100) == 0)
			key_state_set_keymap(&keys, keymap_at(dice_below(&dice, 4)));
	}
	for (unsigned int n = 0; key_state_release_any(&keys, events); n++)
		assert_true(n < 256);
	for (unsigned int key = 0; key < 256; key++)
		assert_false(key_state_is_down(&keys, (uint8_t)key));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start)
	const struct CMUnitTest tests[] = {
	        TEST(test_an_event_is_an_item),
	        TEST(test_press_repeat_release),
	        TEST(test_a_release_that_got_lost),
	        TEST(test_a_modifier_that_is_stuck),
	        TEST(test_all_keys_are_let_go),
	        TEST(test_modifiers),
	        TEST(test_right_alt_is_alt_gr_where_something_is_printed),
	        TEST(test_control),
	        TEST(test_keys_with_a_character_of_their_own),
	        TEST(test_keypad),
	        TEST(test_locks),
	        TEST(test_dead_keys),
	        TEST(test_dead_key_and_a_stranger),
	        TEST(test_dead_key_that_is_held),
	        TEST(test_any_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
