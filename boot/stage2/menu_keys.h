/* Keys as the menu knows them, from two keyboards: the PC's, through the BIOS, and a terminal's. Pure. */
#ifndef STAGE2_MENU_KEYS_H
#define STAGE2_MENU_KEYS_H

#include <stdbool.h>
#include <stdint.h>

/* What types something is that character. */
enum menu_key {
	KEY_NONE = 0,
	KEY_ERASE = 8,
	KEY_ENTER = 13,
	KEY_CLEAR = 21, /* Ctrl-U: everything in front of the cursor */
	KEY_ESCAPE = 27,
	KEY_UP = 256,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_DELETE,
	KEY_HELP,
};

#define MENU_SEQUENCE_MAX 8u

/* A terminal's key may be several bytes, the first of which is Esc. */
struct menu_sequence {
	uint32_t length;
	char bytes[MENU_SEQUENCE_MAX];
};

/* The key that is complete with this byte, or KEY_NONE. */
unsigned menu_key_of_byte(struct menu_sequence *sequence, uint8_t byte);

/* No byte has come for a while: what looked like the start of a sequence was all. */
unsigned menu_key_of_silence(struct menu_sequence *sequence);

/* What INT 16h AH=00h says: scan code and character. */
unsigned menu_key_of_bios(uint16_t ax);

#endif
