#include "drivers/serial_keys.h"

#include <stddef.h>

#include "drivers/keymap.h"

#define ESCAPE 27
#define DELETE 127

/* Events on their way out. */
struct out {
	struct key_event *events;
	unsigned int count;
};

static void put(struct out *out, uint32_t unicode, uint8_t key, uint8_t modifiers)
{
	out->events[out->count++] = (struct key_event){
	        .unicode = unicode, .key = key, .modifiers = modifiers, .action = INPUT_PRESS, .source = INPUT_SERIAL};
}

/* The key that has a character on a US keyboard: the line says nothing of keys. */
static uint8_t key_of(uint32_t character)
{
	for (unsigned int i = 0; i < keymap_us.key_count; i++) {
		const struct keymap_key *key = &keymap_us.keys[i];

		if (key->characters[KEYMAP_PLAIN] == character || key->characters[KEYMAP_SHIFT] == character)
			return (uint8_t)key->key;
	}
	return KEY_NONE;
}

static void put_control(struct out *out, uint8_t byte, uint8_t modifiers)
{
	switch (byte) {
	case '\0':
		break;
	case '\r':
	case '\n':
		put(out, '\n', KEY_ENTER, modifiers);
		break;
	case '\b':
	case DELETE:
		put(out, '\b', KEY_BACKSPACE, modifiers);
		break;
	case '\t':
		put(out, '\t', KEY_TAB, modifiers);
		break;
	default:
		put(out, byte, key_of(byte + u'@' < u'[' ? byte + u'`' : byte + u'@'), modifiers | INPUT_CONTROL);
	}
}

static void put_character(struct out *out, uint32_t character, uint8_t modifiers)
{
	if (character < ' ' || character == DELETE)
		put_control(out, (uint8_t)character, modifiers);
	else
		put(out, character, key_of(character), modifiers);
}

static void take_text(struct serial_keys *keys, uint8_t byte, struct out *out)
{
	enum utf8_result result = utf8_take(&keys->utf8, byte);
	uint8_t modifiers = keys->has_alt ? INPUT_ALT : 0;

	if (result == UTF8_MORE)
		return;
	keys->has_alt = false;
	if (result == UTF8_CHARACTER) {
		put_character(out, keys->utf8.character, modifiers);
		return;
	}
	put(out, UTF8_REPLACEMENT, KEY_NONE, modifiers);
	if (result == UTF8_CUT)
		take_text(keys, byte, out); /* a beginning: it is taken, or bad by itself */
}

/* The last byte of ESC [ and ESC O sequences. */
static uint8_t key_of_letter(uint8_t letter)
{
	static const uint8_t keys[] = {
	        ['A' - 'A'] = KEY_UP,
	        ['B' - 'A'] = KEY_DOWN,
	        ['C' - 'A'] = KEY_RIGHT,
	        ['D' - 'A'] = KEY_LEFT,
	        ['E' - 'A'] = KEY_KEYPAD_5,
	        ['F' - 'A'] = KEY_END,
	        ['H' - 'A'] = KEY_HOME,
	        ['P' - 'A'] = KEY_F1,
	        ['Q' - 'A'] = KEY_F2,
	        ['R' - 'A'] = KEY_F3,
	        ['S' - 'A'] = KEY_F4,
	};

	return letter >= 'A' && (size_t)(letter - 'A') < sizeof(keys) ? keys[letter - 'A'] : KEY_NONE;
}

/* ESC [ NUMBER ~ */
static uint8_t key_of_number(uint8_t number)
{
	static const uint8_t keys[] = {
	        KEY_NONE,
	        KEY_HOME,
	        KEY_INSERT,
	        KEY_DELETE,
	        KEY_END,
	        KEY_PAGE_UP,
	        KEY_PAGE_DOWN,
	        KEY_HOME,
	        KEY_END,
	        KEY_NONE,
	        KEY_NONE,
	        KEY_F1,
	        KEY_F2,
	        KEY_F3,
	        KEY_F4,
	        KEY_F5,
	        KEY_NONE,
	        KEY_F6,
	        KEY_F7,
	        KEY_F8,
	        KEY_F9,
	        KEY_F10,
	        KEY_NONE,
	        KEY_F11,
	        KEY_F12,
	        KEY_F13,
	        KEY_F14,
	        KEY_NONE,
	        KEY_F15,
	        KEY_F16,
	        KEY_NONE,
	        KEY_F17,
	        KEY_F18,
	        KEY_F19,
	        KEY_F20,
	};

	return number < sizeof(keys) ? keys[number] : KEY_NONE;
}

/* The second parameter of a key's sequence: 1, and 1 for Shift, 2 for Alt, 4 for Control. */
static uint8_t modifiers_of(const struct serial_keys *keys)
{
	uint8_t bits = keys->parameter_count == 2 && keys->parameters[1] > 0 ? keys->parameters[1] - 1 : 0;

	return (uint8_t)((bits & 1 ? INPUT_SHIFT : 0) | (bits & 2 ? INPUT_ALT : 0) | (bits & 4 ? INPUT_CONTROL : 0));
}

static void put_key(struct serial_keys *keys, struct out *out, uint8_t key)
{
	if (key != KEY_NONE)
		put(out, 0, key, modifiers_of(keys));
}

/* ESC [ ... LETTER. `R` also ends the answer to a question after the cursor: it is no key here. */
static void end_control_sequence(struct serial_keys *keys, uint8_t letter, struct out *out)
{
	if (keys->is_foreign)
		return;
	if (letter == '~')
		put_key(keys, out, key_of_number(keys->parameters[0]));
	else if (letter == 'Z')
		put(out, '\t', KEY_TAB, INPUT_SHIFT);
	else if (letter != 'R')
		put_key(keys, out, key_of_letter(letter));
}

static void to_ground(struct serial_keys *keys)
{
	keys->at = SERIAL_KEYS_GROUND;
	keys->has_alt = false;
}

static void take_parameter(struct serial_keys *keys, uint8_t byte)
{
	uint8_t *parameter;

	if (keys->parameter_count == 0)
		keys->parameter_count = 1;
	if (byte == ';') {
		keys->is_foreign |= keys->parameter_count == 2;
		keys->parameter_count = 2;
		return;
	}
	parameter = &keys->parameters[keys->parameter_count - 1];
	keys->is_foreign |= byte < '0' || byte > '9' || *parameter > 24;
	*parameter = keys->is_foreign ? 0 : (uint8_t)(*parameter * 10 + (byte - '0'));
}

static void take_control_sequence(struct serial_keys *keys, uint8_t byte, struct out *out)
{
	if (byte < '@') {
		take_parameter(keys, byte);
		return;
	}
	if (byte == '[' && keys->parameter_count == 0) {
		keys->at = SERIAL_KEYS_LINUX;
		return;
	}
	end_control_sequence(keys, byte, out);
	to_ground(keys);
}

static void take_single_shift(struct serial_keys *keys, uint8_t byte, struct out *out)
{
	if (byte == 'M')
		put(out, '\n', KEY_KEYPAD_ENTER, modifiers_of(keys));
	else
		put_key(keys, out, key_of_letter(byte));
	to_ground(keys);
}

static void take_linux(struct serial_keys *keys, uint8_t byte, struct out *out)
{
	put_key(keys, out, byte >= 'A' && byte <= 'E' ? (uint8_t)(KEY_F1 + byte - 'A') : KEY_NONE);
	to_ground(keys);
}

static void begin_sequence(struct serial_keys *keys, enum serial_keys_at at)
{
	keys->at = at;
	keys->is_foreign = false;
	keys->parameter_count = 0;
	keys->parameters[0] = keys->parameters[1] = 0;
}

/* Behind an Escape: the beginning of a sequence, or a character with Alt. */
static void take_after_escape(struct serial_keys *keys, uint8_t byte, struct out *out)
{
	if (byte == '[')
		begin_sequence(keys, SERIAL_KEYS_CONTROL_SEQUENCE);
	else if (byte == 'O')
		begin_sequence(keys, SERIAL_KEYS_SINGLE_SHIFT);
	else {
		keys->at = SERIAL_KEYS_GROUND;
		keys->has_alt = true;
		take_text(keys, byte, out);
	}
}

/* Escape begins something new wherever it comes; a second one in a row means that the first was the key. */
static void take_escape(struct serial_keys *keys, struct out *out)
{
	if (keys->utf8.wanted > 0) {
		keys->utf8.wanted = 0;
		put(out, UTF8_REPLACEMENT, KEY_NONE, 0);
	}
	if (keys->at == SERIAL_KEYS_ESCAPE)
		put(out, ESCAPE, KEY_ESCAPE, 0);
	to_ground(keys);
	begin_sequence(keys, SERIAL_KEYS_ESCAPE);
}

unsigned int serial_keys_add(struct serial_keys *keys, uint8_t byte, struct key_event events[SERIAL_KEYS_EVENTS_MAX])
{
	struct out out = {.events = events};
	bool is_line_end = byte == '\n' && keys->has_return;

	keys->has_return = byte == '\r' && keys->at == SERIAL_KEYS_GROUND;
	if (is_line_end)
		return 0;
	if (byte == ESCAPE) {
		take_escape(keys, &out);
		return out.count;
	}
	if (keys->at > SERIAL_KEYS_ESCAPE && (byte < ' ' || byte >= DELETE))
		to_ground(keys); /* no sequence holds such a byte */
	switch (keys->at) {
	case SERIAL_KEYS_ESCAPE:
		take_after_escape(keys, byte, &out);
		break;
	case SERIAL_KEYS_CONTROL_SEQUENCE:
		take_control_sequence(keys, byte, &out);
		break;
	case SERIAL_KEYS_SINGLE_SHIFT:
		take_single_shift(keys, byte, &out);
		break;
	case SERIAL_KEYS_LINUX:
		take_linux(keys, byte, &out);
		break;
	default:
		take_text(keys, byte, &out);
	}
	return out.count;
}

bool serial_keys_is_waiting(const struct serial_keys *keys)
{
	return keys->at != SERIAL_KEYS_GROUND;
}

unsigned int serial_keys_end(struct serial_keys *keys, struct key_event events[SERIAL_KEYS_EVENTS_MAX])
{
	struct out out = {.events = events};

	if (keys->at == SERIAL_KEYS_ESCAPE)
		put(&out, ESCAPE, KEY_ESCAPE, 0);
	else if (keys->at == SERIAL_KEYS_CONTROL_SEQUENCE && keys->parameter_count == 0)
		put(&out, '[', KEY_LEFT_BRACKET, INPUT_ALT);
	else if (keys->at == SERIAL_KEYS_SINGLE_SHIFT)
		put(&out, 'O', KEY_O, INPUT_ALT);
	to_ground(keys);
	return out.count;
}
