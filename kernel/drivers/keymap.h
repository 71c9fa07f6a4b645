/*
 * Layouts: which characters are printed on which key. Each is a file of data in keymaps/, which ends in this structure
 * and stands in the list below.
 */
#ifndef DRIVERS_KEYMAP_H
#define DRIVERS_KEYMAP_H

#include <stddef.h>
#include <stdint.h>

enum keymap_level { KEYMAP_PLAIN, KEYMAP_SHIFT, KEYMAP_ALT_GR, KEYMAP_LEVELS };

/*
 * Accents that wait for the letter they go on. Their numbers stand for no character (Unicode, private use); in the
 * order of the accents in keymap.c.
 */
enum keymap_dead_key {
	DEAD_GRAVE = 0xe000,
	DEAD_ACUTE,
	DEAD_CIRCUMFLEX,
	DEAD_DIAERESIS,
	DEAD_TILDE,
	DEAD_END,
};

struct keymap_key {
	uint16_t key;                       /* enum input_key */
	uint16_t characters[KEYMAP_LEVELS]; /* or a dead key; 0: nothing */
};

struct keymap {
	const char *name, *title;
	const struct keymap_key *keys; /* all keys that type a character, except the keypad's */
	uint8_t key_count;
	uint16_t decimal; /* what the keypad's Delete key types with Num Lock */
};

/* Every layout; the first is used where none was asked for. */
#define KEYMAPS(apply) apply(us) apply(uk) apply(de) apply(fr)

#define KEYMAP_DECLARE(identifier) extern const struct keymap keymap_##identifier;
KEYMAPS(KEYMAP_DECLARE)

/* The end of a layout's file: KEYMAP(de, "German", u',') makes one of the table `keys` above it. */
#define KEYMAP(identifier, description, keypad_decimal)                                                                \
	const struct keymap keymap_##identifier = {                                                                    \
	        .name = #identifier,                                                                                   \
	        .title = (description),                                                                                \
	        .keys = keys,                                                                                          \
	        .key_count = sizeof(keys) / sizeof(keys[0]),                                                           \
	        .decimal = (keypad_decimal),                                                                           \
	}

/* [any] The layout with this number, counted from 0; NULL behind the last. */
const struct keymap *keymap_at(size_t index);

/* [any] The layout of that name, or NULL. The name is not ended by a zero byte. */
const struct keymap *keymap_find(const char *name, size_t length);

/* [any] What is printed on a key: a character, a dead key, or 0. */
uint16_t keymap_character(const struct keymap *keymap, uint8_t key, enum keymap_level level);

/* [any] The letter with the accent of a dead key on it; the accent alone on a blank or the same accent; or 0. */
uint16_t keymap_compose(uint16_t dead_key, uint16_t character);

/* [any] The accent of a dead key, standing alone. */
uint16_t keymap_accent(uint16_t dead_key);

/* [any] The same letter in the other case; what has none, unchanged. Latin-1 and Latin Extended-A. */
uint16_t keymap_other_case(uint16_t character);

#endif
