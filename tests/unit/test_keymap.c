/*
 * Layouts, compared with somebody else's: X's (xkb-data), read by libxkbcommon, which is loaded if it is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <dlfcn.h>

#include "dev/input.h"
#include "drivers/key_state.h"
#include "drivers/keymap.h"

#define XKB_OFFSET 8 /* its key codes are Linux's plus this; Linux's for the keys used here are those of set 1 */

#define MOD_SHIFT "Shift"
#define MOD_LOCK  "Lock"
#define MOD_LEVEL "Mod5" /* AltGr */

struct xkb_names {
	const char *rules, *model, *layout, *variant, *options;
};

static struct {
	void *library, *context;
	void (*context_unref)(void *context);
	void *(*keymap_new)(void *context, const struct xkb_names *names, int flags);
	void (*keymap_unref)(void *keymap);
	uint32_t (*mod_index)(void *keymap, const char *name);
	void *(*state_new)(void *keymap);
	void (*state_unref)(void *state);
	int (*update_mask)(void *state, uint32_t held, uint32_t latched, uint32_t locked, uint32_t, uint32_t, uint32_t);
	uint32_t (*character)(void *state, uint32_t key);
	uint32_t (*symbol)(void *state, uint32_t key);
	void *(*table_new)(void *context, const char *locale, int flags);
	void (*table_unref)(void *table);
	void *(*compose_new)(void *table, int flags);
	void (*compose_unref)(void *compose);
	int (*feed)(void *compose, uint32_t symbol);
	int (*to_text)(void *compose, char *text, size_t size);
	uint32_t (*symbol_of)(uint32_t character);
} xkb;

static int unload(void **state)
{
	(void)state;
	if (xkb.context != NULL)
		xkb.context_unref(xkb.context);
	return 0;
}

static int load(void)
{
	void *(*context_new)(int flags);

	xkb.library = dlopen("libxkbcommon.so.0", RTLD_NOW);
	if (xkb.library == NULL)
		return 0;
#define TAKE(field, name) *(void **)&(field) = dlsym(xkb.library, "xkb_" name)
	TAKE(context_new, "context_new");
	TAKE(xkb.context_unref, "context_unref");
	TAKE(xkb.keymap_new, "keymap_new_from_names");
	TAKE(xkb.keymap_unref, "keymap_unref");
	TAKE(xkb.mod_index, "keymap_mod_get_index");
	TAKE(xkb.state_new, "state_new");
	TAKE(xkb.state_unref, "state_unref");
	TAKE(xkb.update_mask, "state_update_mask");
	TAKE(xkb.character, "state_key_get_utf32");
	TAKE(xkb.symbol, "state_key_get_one_sym");
	TAKE(xkb.table_new, "compose_table_new_from_locale");
	TAKE(xkb.table_unref, "compose_table_unref");
	TAKE(xkb.compose_new, "compose_state_new");
	TAKE(xkb.compose_unref, "compose_state_unref");
	TAKE(xkb.feed, "compose_state_feed");
	TAKE(xkb.to_text, "compose_state_get_utf8");
	TAKE(xkb.symbol_of, "utf32_to_keysym");
	xkb.context = context_new(0);
	return xkb.context != NULL;
}

/* X's symbols of the dead keys, in the order of enum keymap_dead_key. */
static const uint32_t dead_symbols[] = {0xfe50, 0xfe51, 0xfe52, 0xfe57, 0xfe53};

static const char *xkb_name(const struct keymap *keymap)
{
	return keymap == &keymap_uk ? "gb" : keymap->name;
}

/* What X types, as we write it: a character, or one of our dead keys. */
static uint32_t expected(void *state, uint8_t key)
{
	uint32_t symbol = xkb.symbol(state, key + XKB_OFFSET);

	for (uint32_t i = 0; i < DEAD_END - DEAD_GRAVE; i++) {
		if (symbol == dead_symbols[i])
			return DEAD_GRAVE + i;
	}
	return xkb.character(state, key + XKB_OFFSET);
}

/* What we type; an accent that waits is seen from outside by what it does to a blank. */
static uint32_t typed(const struct keymap *keymap, uint8_t key, int shift, int lock, int alt_gr)
{
	struct key_state state;
	struct key_event events[KEY_STATE_EVENTS_MAX];

	key_state_start(&state, keymap);
	if (lock) {
		key_state_press(&state, KEY_CAPS_LOCK, events);
		key_state_release(&state, KEY_CAPS_LOCK, events);
	}
	if (shift)
		key_state_press(&state, KEY_RIGHT_SHIFT, events);
	if (alt_gr)
		key_state_press(&state, KEY_RIGHT_ALT, events);
	assert_int_equal(key_state_press(&state, key, events), 1);
	return state.dead_key != 0 ? state.dead_key : events[0].unicode;
}

static unsigned int compare_key(const struct keymap *keymap, void *xkb_keymap, const struct keymap_key *key)
{
	unsigned int compared = 0;

	for (int held = 0; held < 8; held++) {
		int shift = held & 1, lock = (held & 2) != 0, alt_gr = (held & 4) != 0;
		uint32_t shift_bit = 1u << xkb.mod_index(xkb_keymap, MOD_SHIFT);
		uint32_t lock_bit = 1u << xkb.mod_index(xkb_keymap, MOD_LOCK);
		uint32_t level_bit = 1u << xkb.mod_index(xkb_keymap, MOD_LEVEL);
		void *state = xkb.state_new(xkb_keymap);
		uint32_t ours, theirs;

		xkb.update_mask(
		        state, (shift ? shift_bit : 0) | (alt_gr ? level_bit : 0), 0, lock ? lock_bit : 0, 0, 0, 0);
		theirs = expected(state, (uint8_t)key->key);
		xkb.state_unref(state);
		if (lock && theirs == 0)
			continue; /* it looks for a capital of the micro sign */
		/* X has more than is printed: with AltGr and Shift on every key, with AltGr on most. */
		if (alt_gr && (shift || key->characters[KEYMAP_ALT_GR] == 0))
			continue;
		if (shift && key->characters[KEYMAP_SHIFT] == 0)
			continue;
		ours = typed(keymap, (uint8_t)key->key, shift, lock, alt_gr);
		if (ours != theirs)
			fail_msg("%s: key %02x%s%s%s types U+%04X, and in X U+%04X", keymap->name, key->key,
			        shift ? " Shift" : "", lock ? " Caps" : "", alt_gr ? " AltGr" : "", ours, theirs);
		compared++;
	}
	return compared;
}

static void test_layouts_are_those_of_x(void **state)
{
	const struct keymap *keymap;
	unsigned int compared = 0;

	(void)state;
	if (xkb.context == NULL && !load()) {
		print_message("NOT RUN: libxkbcommon or its data is not here\n");
		skip();
	}
	for (size_t i = 0; (keymap = keymap_at(i)) != NULL; i++) {
		struct xkb_names names = {"evdev", "pc105", xkb_name(keymap), "", ""};
		void *theirs = xkb.keymap_new(xkb.context, &names, 0);

		if (theirs == NULL) {
			print_message("NOT RUN: X's layouts (xkb-data) are not here\n");
			skip();
		}
		for (unsigned int k = 0; k < keymap->key_count; k++)
			compared += compare_key(keymap, theirs, &keymap->keys[k]);
		xkb.keymap_unref(theirs);
	}
	print_message("# %u characters compared\n", compared);
	assert_true(compared > 4 * 47 * 4);
}

/* Each accent on each character of Latin-1 and Latin Extended-A: what we put together, X does, too. */
static void test_accents_are_those_of_x(void **state)
{
	void *table;
	unsigned int compared = 0;

	(void)state;
	if ((xkb.context == NULL && !load()) || (table = xkb.table_new(xkb.context, "en_US.UTF-8", 0)) == NULL) {
		print_message("NOT RUN: libxkbcommon or X's compose table (libx11-data) is not here\n");
		skip();
	}
	for (uint16_t dead = DEAD_GRAVE; dead < DEAD_END; dead++) {
		for (uint16_t c = u'A'; c < 0x180; c++) {
			void *compose = xkb.compose_new(table, 0);
			uint32_t ours = keymap_compose(dead, c);
			char text[8] = "";

			xkb.feed(compose, dead_symbols[dead - DEAD_GRAVE]);
			xkb.feed(compose, xkb.symbol_of(c));
			xkb.to_text(compose, text, sizeof(text));
			xkb.compose_unref(compose);
			if (ours == 0)
				continue;
			assert_int_equal(ours, (text[0] & 0x1f) << 6 | (text[1] & 0x3f));
			compared++;
		}
	}
	xkb.table_unref(table);
	print_message("# %u letters compared\n", compared);
	assert_true(compared >= 80);
}

/* Every key of a PC keyboard that types something is there, once. */
static void test_layouts_are_complete(void **state)
{
	const struct keymap *keymap;

	(void)state;
	for (size_t i = 0; (keymap = keymap_at(i)) != NULL; i++) {
		unsigned int seen[256] = {0}, kinds = 0;

		for (unsigned int k = 0; k < keymap->key_count; k++) {
			assert_int_equal(seen[keymap->keys[k].key]++, 0);
			assert_int_not_equal(keymap->keys[k].characters[KEYMAP_PLAIN], 0);
			assert_int_not_equal(keymap->keys[k].characters[KEYMAP_SHIFT], 0);
			kinds++;
		}
		assert_int_equal(kinds, 49);
		for (uint16_t c = u' '; c < 0x7f; c++) {
			unsigned int found = 0;

			for (unsigned int k = 0; k < keymap->key_count; k++) {
				for (int level = 0; level < KEYMAP_LEVELS; level++)
					found += keymap->keys[k].characters[level] == c;
			}
			if (found == 0 && c != u'^' && c != u'`') /* which a dead key and a blank make */
				fail_msg("%s: nothing types %c", keymap->name, c);
		}
	}
}

static void test_find(void **state)
{
	(void)state;
	assert_ptr_equal(keymap_find("de", 2), &keymap_de);
	assert_ptr_equal(keymap_find("de-latin1", 2), &keymap_de);
	assert_null(keymap_find("de-latin1", 9));
	assert_null(keymap_find("d", 1));
	assert_null(keymap_find("", 0));
	assert_ptr_equal(keymap_at(0), &keymap_us);
}

static void test_case(void **state)
{
	static const uint16_t pairs[][2] = {{u'a', u'A'}, {u'z', u'Z'}, {u'à', u'À'}, {u'þ', u'Þ'}, {u'ÿ', u'Ÿ'},
	        {u'ß', u'ẞ'}, {u'ā', u'Ā'}, {u'ķ', u'Ķ'}, {u'ĺ', u'Ĺ'}, {u'ň', u'Ň'}, {u'ŋ', u'Ŋ'}, {u'ŷ', u'Ŷ'},
	        {u'ź', u'Ź'}, {u'ž', u'Ž'}};
	static const uint16_t alone[] = {
	        0, u' ', u'@', u'[', u'`', u'{', u'×', u'÷', u'µ', u'İ', u'ı', u'ĸ', u'ŉ', u'ſ', u'€', DEAD_GRAVE};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(keymap_other_case(pairs[i][0]), pairs[i][1]);
		assert_int_equal(keymap_other_case(pairs[i][1]), pairs[i][0]);
	}
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++)
		assert_int_equal(keymap_other_case(alone[i]), alone[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_layouts_are_those_of_x),
	        cmocka_unit_test(test_accents_are_those_of_x),
	        cmocka_unit_test(test_layouts_are_complete),
	        cmocka_unit_test(test_find),
	        cmocka_unit_test(test_case),
	};

	return cmocka_run_group_tests(tests, NULL, unload);
}
