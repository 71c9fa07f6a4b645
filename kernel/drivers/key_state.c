#include "drivers/key_state.h"

#define ESCAPE 27
#define DELETE 127

void key_state_start(struct key_state *state, const struct keymap *keymap)
{
	*state = (struct key_state){.keymap = keymap, .locks = KEY_LOCK_NUM};
}

void key_state_set_keymap(struct key_state *state, const struct keymap *keymap)
{
	state->keymap = keymap;
	state->dead_key = 0;
}

bool key_state_is_down(const struct key_state *state, uint8_t key)
{
	return (state->down[key / 64] & 1ull << key % 64) != 0;
}

static bool is_either_down(const struct key_state *state, enum input_key one, enum input_key other)
{
	return key_state_is_down(state, one) || key_state_is_down(state, other);
}

/* A layout that types nothing but blanks with AltGr has a right Alt key there. */
static bool has_alt_gr(const struct keymap *keymap)
{
	for (unsigned int i = 0; i < keymap->key_count; i++) {
		uint16_t character = keymap->keys[i].characters[KEYMAP_ALT_GR];

		if (character != 0 && character != u' ')
			return true;
	}
	return false;
}

static uint8_t modifiers_of(const struct key_state *state)
{
	uint8_t modifiers = 0;

	if (is_either_down(state, KEY_LEFT_SHIFT, KEY_RIGHT_SHIFT))
		modifiers |= INPUT_SHIFT;
	if (is_either_down(state, KEY_LEFT_CONTROL, KEY_RIGHT_CONTROL))
		modifiers |= INPUT_CONTROL;
	if (key_state_is_down(state, KEY_LEFT_ALT))
		modifiers |= INPUT_ALT;
	if (key_state_is_down(state, KEY_RIGHT_ALT))
		modifiers |= has_alt_gr(state->keymap) ? INPUT_ALT_GR : INPUT_ALT;
	if (is_either_down(state, KEY_LEFT_SUPER, KEY_RIGHT_SUPER))
		modifiers |= INPUT_SUPER;
	return modifiers;
}

static uint8_t lock_of(uint8_t key)
{
	switch (key) {
	case KEY_CAPS_LOCK:
		return KEY_LOCK_CAPS;
	case KEY_NUM_LOCK:
		return KEY_LOCK_NUM;
	case KEY_SCROLL_LOCK:
		return KEY_LOCK_SCROLL;
	default:
		return 0;
	}
}

/* Keys that change what others mean: that they are held says nothing new. */
static bool is_silent_when_held(uint8_t key)
{
	switch (key) {
	case KEY_LEFT_SHIFT:
	case KEY_RIGHT_SHIFT:
	case KEY_LEFT_CONTROL:
	case KEY_RIGHT_CONTROL:
	case KEY_LEFT_ALT:
	case KEY_RIGHT_ALT:
	case KEY_LEFT_SUPER:
	case KEY_RIGHT_SUPER:
		return true;
	default:
		return lock_of(key) != 0;
	}
}

static bool is_keypad_digit(uint8_t key)
{
	return key >= KEY_KEYPAD_7 && key <= KEY_KEYPAD_DECIMAL && key != KEY_KEYPAD_MINUS && key != KEY_KEYPAD_PLUS;
}

/* Shift takes back what Num Lock does. */
static bool types_digits(const struct key_state *state)
{
	return ((state->locks & KEY_LOCK_NUM) != 0) != ((modifiers_of(state) & INPUT_SHIFT) != 0);
}

/* Without Num Lock each key of the keypad stands for the key that got a place of its own later, E0 before its code. */
static uint8_t meaning_of(const struct key_state *state, uint8_t key)
{
	if (is_keypad_digit(key) && key != KEY_KEYPAD_5 && !types_digits(state))
		return 0x80 | key;
	return key;
}

static uint16_t keypad_character(const struct key_state *state, uint8_t key)
{
	static const char digits[] = "789-456+1230";

	if (!types_digits(state))
		return 0;
	return key == KEY_KEYPAD_DECIMAL ? state->keymap->decimal : (uint8_t)digits[key - KEY_KEYPAD_7];
}

/* What the layout has on a key, at the level that is held. */
static uint16_t printed_character(const struct key_state *state, uint8_t key, uint8_t modifiers)
{
	enum keymap_level level = modifiers & INPUT_SHIFT ? KEYMAP_SHIFT : KEYMAP_PLAIN;
	uint16_t character;

	if (modifiers & INPUT_ALT_GR)
		return keymap_character(state->keymap, key, KEYMAP_ALT_GR);
	character = keymap_character(state->keymap, key, level);
	return state->locks & KEY_LOCK_CAPS ? keymap_other_case(character) : character;
}

static uint16_t character_of(const struct key_state *state, uint8_t key, uint8_t modifiers)
{
	switch (key) {
	case KEY_ENTER:
	case KEY_KEYPAD_ENTER:
		return '\n';
	case KEY_BACKSPACE:
		return '\b';
	case KEY_TAB:
		return '\t';
	case KEY_ESCAPE:
		return ESCAPE;
	case KEY_KEYPAD_SLASH:
		return '/';
	case KEY_KEYPAD_STAR:
		return '*';
	case KEY_KEYPAD_MINUS:
		return '-';
	case KEY_KEYPAD_PLUS:
		return '+';
	case KEY_KEYPAD_EQUAL:
		return '=';
	case KEY_KEYPAD_COMMA:
		return ',';
	default:
		return is_keypad_digit(key) ? keypad_character(state, key) : printed_character(state, key, modifiers);
	}
}

/* As terminals have it: @ to _ and the letters are 0 to 31. 0 is nothing here, and other characters stay. */
static uint16_t with_control(uint16_t character)
{
	if (character == u'?')
		return DELETE;
	return character >= u'@' && character <= u'~' ? character & 0x1f : character;
}

static bool is_dead(uint16_t character)
{
	return character >= DEAD_GRAVE && character < DEAD_END;
}

/* An accent waits, and this comes: `first` and `second` are what they make together, the second may be nothing. */
static void join(struct key_state *state, uint16_t character, uint16_t *first, uint16_t *second)
{
	uint16_t composed = keymap_compose(state->dead_key, character);

	*first = composed;
	*second = 0;
	if (composed == 0 && character != '\b') {
		*first = keymap_accent(state->dead_key);
		*second = character;
	}
	state->dead_key = 0;
}

/* What a key types, as up to two characters; the accents that wait are put on. Returns how many. */
static unsigned int type(struct key_state *state, uint16_t character, bool repeats, uint16_t typed[2])
{
	typed[0] = character;
	typed[1] = 0;
	if (character == 0 || (is_dead(character) && repeats)) {
		typed[0] = 0;
		return 1;
	}
	if (state->dead_key != 0)
		join(state, character, &typed[0], &typed[1]);
	for (unsigned int i = 0; i < 2; i++) {
		if (is_dead(typed[i])) {
			state->dead_key = typed[i];
			typed[i] = 0;
		}
	}
	return typed[1] != 0 ? 2 : 1;
}

unsigned int key_state_press(struct key_state *state, uint8_t key, struct key_event events[KEY_STATE_EVENTS_MAX])
{
	bool repeats = key_state_is_down(state, key) && state->last == key;
	uint8_t modifiers, meaning;
	uint16_t character, typed[2];
	unsigned int count;

	state->down[key / 64] |= 1ull << key % 64;
	state->last = key;
	if (repeats && is_silent_when_held(key))
		return 0;
	state->locks ^= lock_of(key);
	modifiers = modifiers_of(state);
	meaning = meaning_of(state, key);
	character = character_of(state, key, modifiers);
	if (modifiers & INPUT_CONTROL)
		character = with_control(character);
	count = type(state, character, repeats, typed);
	for (unsigned int i = 0; i < count; i++) {
		events[i] = (struct key_event){
		        .unicode = typed[i],
		        .key = i + 1 == count ? meaning : KEY_NONE,
		        .modifiers = modifiers,
		        .action = repeats ? INPUT_REPEAT : INPUT_PRESS,
		        .source = INPUT_KEYBOARD,
		};
	}
	return count;
}

unsigned int key_state_release(struct key_state *state, uint8_t key, struct key_event *event)
{
	if (!key_state_is_down(state, key))
		return 0;
	state->down[key / 64] &= ~(1ull << key % 64);
	if (state->last == key)
		state->last = KEY_NONE;
	*event = (struct key_event){
	        .key = meaning_of(state, key),
	        .modifiers = modifiers_of(state),
	        .action = INPUT_RELEASE,
	        .source = INPUT_KEYBOARD,
	};
	return 1;
}

bool key_state_release_any(struct key_state *state, struct key_event *event)
{
	for (unsigned int i = 0; i < sizeof(state->down) / sizeof(state->down[0]); i++) {
		if (state->down[i] != 0)
			return key_state_release(
			        state, (uint8_t)(64 * i + (unsigned int)__builtin_ctzll(state->down[i])), event);
	}
	return false;
}
