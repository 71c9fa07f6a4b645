#include "drivers/keymap.h"

#include <stdbool.h>

#include "lib/string.h"

#define KEYMAP_ADDRESS(identifier) &keymap_##identifier,

static const struct keymap *const keymaps[] = {KEYMAPS(KEYMAP_ADDRESS)};

/* A letter, and what it becomes with the accent. */
struct composition {
	uint16_t letter, composed;
};

/* Of each dead key, in the order of enum keymap_dead_key: the accent alone, its lower-case letters, and no more. */
static const struct composition grave[] = {
        {u'a', u'à'}, {u'e', u'è'}, {u'i', u'ì'}, {u'o', u'ò'}, {u'u', u'ù'}, {0, u'`'}};
static const struct composition acute[] = {{u'a', u'á'}, {u'c', u'ć'}, {u'e', u'é'}, {u'i', u'í'}, {u'l', u'ĺ'},
        {u'n', u'ń'}, {u'o', u'ó'}, {u'r', u'ŕ'}, {u's', u'ś'}, {u'u', u'ú'}, {u'y', u'ý'}, {u'z', u'ź'}, {0, u'´'}};
static const struct composition circumflex[] = {{u'a', u'â'}, {u'c', u'ĉ'}, {u'e', u'ê'}, {u'g', u'ĝ'}, {u'h', u'ĥ'},
        {u'i', u'î'}, {u'j', u'ĵ'}, {u'o', u'ô'}, {u's', u'ŝ'}, {u'u', u'û'}, {u'w', u'ŵ'}, {u'y', u'ŷ'}, {0, u'^'}};
static const struct composition diaeresis[] = {
        {u'a', u'ä'}, {u'e', u'ë'}, {u'i', u'ï'}, {u'o', u'ö'}, {u'u', u'ü'}, {u'y', u'ÿ'}, {0, u'¨'}};
static const struct composition tilde[] = {
        {u'a', u'ã'}, {u'i', u'ĩ'}, {u'n', u'ñ'}, {u'o', u'õ'}, {u'u', u'ũ'}, {0, u'~'}};

static const struct composition *const compositions[] = {grave, acute, circumflex, diaeresis, tilde};
_Static_assert(sizeof(compositions) / sizeof(compositions[0]) == DEAD_END - DEAD_GRAVE, "letters for every dead key");

const struct keymap *keymap_at(size_t index)
{
	return index < sizeof(keymaps) / sizeof(keymaps[0]) ? keymaps[index] : NULL;
}

const struct keymap *keymap_find(const char *name, size_t length)
{
	const struct keymap *keymap;

	for (size_t i = 0; (keymap = keymap_at(i)) != NULL; i++) {
		if (strlen(keymap->name) == length && memcmp(keymap->name, name, length) == 0)
			return keymap;
	}
	return NULL;
}

uint16_t keymap_character(const struct keymap *keymap, uint8_t key, enum keymap_level level)
{
	for (size_t i = 0; i < keymap->key_count; i++) {
		if (keymap->keys[i].key == key)
			return keymap->keys[i].characters[level];
	}
	return 0;
}

/* In Latin Extended-A capitals stand right before their letters: these have even numbers, or odd ones. */
static bool is_pair_with_odd_capital(uint16_t c)
{
	return (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
}

static bool is_pair_with_even_capital(uint16_t c)
{
	return (c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14a && c <= 0x177);
}

static bool is_capital_of_latin_1(uint16_t c)
{
	return (c >= u'A' && c <= u'Z') || (c >= u'À' && c <= u'Þ' && c != u'×');
}

uint16_t keymap_other_case(uint16_t c)
{
	if (is_capital_of_latin_1(c))
		return c + 0x20;
	if (is_capital_of_latin_1(c - 0x20))
		return c - 0x20;
	if (c == u'ÿ' || c == u'Ÿ')
		return c == u'ÿ' ? u'Ÿ' : u'ÿ';
	if (c == u'ß' || c == u'ẞ')
		return c == u'ß' ? u'ẞ' : u'ß';
	if (is_pair_with_even_capital(c))
		return c ^ 1;
	if (is_pair_with_odd_capital(c))
		return ((c - 1) ^ 1) + 1;
	return c;
}

uint16_t keymap_accent(uint16_t dead_key)
{
	const struct composition *c = compositions[dead_key - DEAD_GRAVE];

	while (c->letter != 0)
		c++;
	return c->composed;
}

uint16_t keymap_compose(uint16_t dead_key, uint16_t character)
{
	uint16_t other = keymap_other_case(character);

	if (character == u' ' || character == dead_key)
		return keymap_accent(dead_key);
	for (const struct composition *c = compositions[dead_key - DEAD_GRAVE]; c->letter != 0; c++) {
		if (c->letter == character)
			return c->composed;
		if (c->letter == other)
			return keymap_other_case(c->composed);
	}
	return 0;
}
