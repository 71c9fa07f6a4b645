/*
 * What people type: one stream of key events, from however many keyboards there are, a terminal at the serial port
 * being one of them. Drivers send, in their tasks; one task receives:
 *
 *	await_into(item, channel_recv(&me->receive, &input_events));
 *	event = input_event(item);
 */
#ifndef DEV_INPUT_H
#define DEV_INPUT_H

#include <stdint.h>

/*
 * A key by its place, under the name that it has on a US keyboard: KEY_Q is the first letter in the upper row, also
 * where `A` is printed on it. What it types stands in an event's `unicode`. The numbers are those that PC keyboards
 * send (scancode set 1), plus 80h for keys that came later and are announced by E0h.
 */
enum input_key {
	KEY_NONE = 0x00,
	KEY_ESCAPE = 0x01,
	KEY_1 = 0x02,
	KEY_2,
	KEY_3,
	KEY_4,
	KEY_5,
	KEY_6,
	KEY_7,
	KEY_8,
	KEY_9,
	KEY_0,
	KEY_MINUS,
	KEY_EQUAL,
	KEY_BACKSPACE,
	KEY_TAB,
	KEY_Q,
	KEY_W,
	KEY_E,
	KEY_R,
	KEY_T,
	KEY_Y,
	KEY_U,
	KEY_I,
	KEY_O,
	KEY_P,
	KEY_LEFT_BRACKET,
	KEY_RIGHT_BRACKET,
	KEY_ENTER,
	KEY_LEFT_CONTROL,
	KEY_A,
	KEY_S,
	KEY_D,
	KEY_F,
	KEY_G,
	KEY_H,
	KEY_J,
	KEY_K,
	KEY_L,
	KEY_SEMICOLON,
	KEY_APOSTROPHE,
	KEY_GRAVE,
	KEY_LEFT_SHIFT,
	KEY_BACKSLASH,
	KEY_Z,
	KEY_X,
	KEY_C,
	KEY_V,
	KEY_B,
	KEY_N,
	KEY_M,
	KEY_COMMA,
	KEY_DOT,
	KEY_SLASH,
	KEY_RIGHT_SHIFT,
	KEY_KEYPAD_STAR,
	KEY_LEFT_ALT,
	KEY_SPACE,
	KEY_CAPS_LOCK,
	KEY_F1,
	KEY_F2,
	KEY_F3,
	KEY_F4,
	KEY_F5,
	KEY_F6,
	KEY_F7,
	KEY_F8,
	KEY_F9,
	KEY_F10,
	KEY_NUM_LOCK,
	KEY_SCROLL_LOCK,
	KEY_KEYPAD_7,
	KEY_KEYPAD_8,
	KEY_KEYPAD_9,
	KEY_KEYPAD_MINUS,
	KEY_KEYPAD_4,
	KEY_KEYPAD_5,
	KEY_KEYPAD_6,
	KEY_KEYPAD_PLUS,
	KEY_KEYPAD_1,
	KEY_KEYPAD_2,
	KEY_KEYPAD_3,
	KEY_KEYPAD_0,
	KEY_KEYPAD_DECIMAL = 0x53,
	KEY_BETWEEN = 0x56, /* between left Shift and Z; US keyboards have none */
	KEY_F11 = 0x57,
	KEY_F12 = 0x58,
	KEY_KEYPAD_EQUAL = 0x59,
	KEY_F13 = 0x64,
	KEY_F14,
	KEY_F15,
	KEY_F16,
	KEY_F17,
	KEY_F18,
	KEY_F19,
	KEY_F20,
	KEY_F21,
	KEY_F22,
	KEY_F23 = 0x6e,
	KEY_KANA = 0x70,
	KEY_RO = 0x73, /* left of right Shift in Brazil and Japan */
	KEY_F24 = 0x76,
	KEY_CONVERT = 0x79,
	KEY_NO_CONVERT = 0x7b,
	KEY_YEN = 0x7d,
	KEY_KEYPAD_COMMA = 0x7e,
	KEY_PREVIOUS_TRACK = 0x90,
	KEY_NEXT_TRACK = 0x99,
	KEY_KEYPAD_ENTER = 0x9c,
	KEY_RIGHT_CONTROL = 0x9d,
	KEY_MUTE = 0xa0,
	KEY_CALCULATOR = 0xa1,
	KEY_PLAY = 0xa2,
	KEY_STOP = 0xa4,
	KEY_VOLUME_DOWN = 0xae,
	KEY_VOLUME_UP = 0xb0,
	KEY_WEB_HOME = 0xb2,
	KEY_KEYPAD_SLASH = 0xb5,
	KEY_PRINT_SCREEN = 0xb7, /* with Alt: system request */
	KEY_RIGHT_ALT = 0xb8,
	KEY_PAUSE = 0xc5, /* with Control: break */
	KEY_HOME = 0xc7,
	KEY_UP = 0xc8,
	KEY_PAGE_UP = 0xc9,
	KEY_LEFT = 0xcb,
	KEY_RIGHT = 0xcd,
	KEY_END = 0xcf,
	KEY_DOWN = 0xd0,
	KEY_PAGE_DOWN = 0xd1,
	KEY_INSERT = 0xd2,
	KEY_DELETE = 0xd3,
	KEY_LEFT_SUPER = 0xdb,
	KEY_RIGHT_SUPER = 0xdc,
	KEY_MENU = 0xdd,
	KEY_POWER = 0xde,
	KEY_SLEEP = 0xdf,
	KEY_WAKE = 0xe3,
	KEY_SEARCH = 0xe5,
	KEY_FAVORITES = 0xe6,
	KEY_REFRESH = 0xe7,
	KEY_WEB_STOP = 0xe8,
	KEY_FORWARD = 0xe9,
	KEY_BACK = 0xea,
	KEY_COMPUTER = 0xeb,
	KEY_MAIL = 0xec,
	KEY_MEDIA = 0xed,
};
_Static_assert(KEY_KEYPAD_DECIMAL == KEY_KEYPAD_0 + 1, "no key is missing between 01h and 53h");

enum input_modifier {
	INPUT_SHIFT = 1 << 0,
	INPUT_CONTROL = 1 << 1,
	INPUT_ALT = 1 << 2,
	INPUT_ALT_GR = 1 << 3, /* right Alt, where the layout has characters for it; else that is INPUT_ALT */
	INPUT_SUPER = 1 << 4,
};

enum input_action {
	INPUT_PRESS,
	INPUT_REPEAT,  /* held down */
	INPUT_RELEASE, /* has no `unicode`; the serial port never sends it */
};

enum input_source { INPUT_KEYBOARD, INPUT_SERIAL };

/*
 * What the key types is in `unicode`: Enter '\n', Backspace '\b', Tab '\t', Escape 27, Control with a letter 1 to 26;
 * 0: nothing. A keypad without Num Lock sends the keys it stands for then, such as KEY_HOME. A character that was put
 * together (dead keys, UTF-8) has the key that ended it, or KEY_NONE: who wants text looks at `unicode` alone.
 */
struct key_event {
	uint32_t unicode;
	uint8_t key;       /* enum input_key */
	uint8_t modifiers; /* enum input_modifier: those that are held */
	uint8_t action;    /* enum input_action */
	uint8_t source;    /* enum input_source */
};
_Static_assert(sizeof(struct key_event) == sizeof(uint64_t), "an event is one item of a channel");

/* Bounded: who sends waits until there is room. */
struct channel;
extern struct channel input_events;

/* [any] An event as an item of `input_events`, and back. */
static inline uint64_t input_item(struct key_event event)
{
	union {
		struct key_event event;
		uint64_t item;
	} u = {.event = event};

	return u.item;
}

static inline struct key_event input_event(uint64_t item)
{
	union {
		uint64_t item;
		struct key_event event;
	} u = {.item = item};

	return u.event;
}

#endif
