#include "menu_keys.h"

#define ESCAPE 27

struct meaning {
	uint8_t code;
	uint16_t key;
};

static unsigned look_up(const struct meaning *list, uint8_t code)
{
	while (list->code && list->code != code)
		list++;
	return list->key;
}

unsigned menu_key_of_bios(uint16_t ax)
{
	static const struct meaning by_scan_code[] = {{0x48, KEY_UP}, {0x50, KEY_DOWN}, {0x4b, KEY_LEFT},
	        {0x4d, KEY_RIGHT}, {0x47, KEY_HOME}, {0x4f, KEY_END}, {0x49, KEY_PAGE_UP}, {0x51, KEY_PAGE_DOWN},
	        {0x53, KEY_DELETE}, {0x3b, KEY_HELP}, {0, KEY_NONE}};
	uint8_t character = ax;
	if (character == 0 || character == 0xe0) /* E0h: the grey keys of some BIOSes */
		return look_up(by_scan_code, ax >> 8);
	return character;
}

static unsigned key_of_character(uint8_t byte)
{
	static const struct meaning controls[] = {{'\n', KEY_ENTER}, {127, KEY_ERASE}, {1, KEY_HOME}, {5, KEY_END},
	        {3, KEY_ESCAPE}, {4, KEY_DELETE}, {0, KEY_NONE}};
	unsigned key = look_up(controls, byte);
	return key ? key : byte;
}

/* Linux's console says ESC [ [ A to E for F1 to F5. */
static bool is_linux_console(const struct menu_sequence *sequence)
{
	return sequence->length == 3 && sequence->bytes[2] == '[';
}

/* The last byte names the key, or is '~' and a number does. What else there is (";2" for Shift) changes nothing. */
static unsigned key_of_sequence(const struct menu_sequence *sequence, uint8_t last)
{
	static const struct meaning by_letter[] = {{'A', KEY_UP}, {'B', KEY_DOWN}, {'C', KEY_RIGHT}, {'D', KEY_LEFT},
	        {'H', KEY_HOME}, {'F', KEY_END}, {'P', KEY_HELP}, {0, KEY_NONE}};
	static const struct meaning by_number[] = {{'1', KEY_HOME}, {'7', KEY_HOME}, {'4', KEY_END}, {'8', KEY_END},
	        {'3', KEY_DELETE}, {'5', KEY_PAGE_UP}, {'6', KEY_PAGE_DOWN}, {0, KEY_NONE}};
	if (is_linux_console(sequence))
		return last == 'A' ? KEY_HELP : KEY_NONE;
	if (last != '~')
		return look_up(by_letter, last);
	if (sequence->length == 4 && sequence->bytes[2] == '1' && sequence->bytes[3] == '1')
		return KEY_HELP; /* F1 of those that have no ESC O P */
	bool has_one_digit = sequence->length == 3 || (sequence->length > 3 && sequence->bytes[3] == ';');
	return has_one_digit ? look_up(by_number, sequence->bytes[2]) : KEY_NONE;
}

unsigned menu_key_of_byte(struct menu_sequence *sequence, uint8_t byte)
{
	if (byte == ESCAPE) {
		unsigned before = menu_key_of_silence(sequence);
		sequence->bytes[sequence->length++] = byte;
		return before;
	}
	if (sequence->length == 0)
		return key_of_character(byte);
	if (sequence->length == 1 ? byte == '[' || byte == 'O' : byte < '@' || (byte == '[' && sequence->length == 2)) {
		if (sequence->length < MENU_SEQUENCE_MAX)
			sequence->bytes[sequence->length++] = byte;
		return KEY_NONE;
	}
	unsigned key = sequence->length > 1 ? key_of_sequence(sequence, byte) : KEY_NONE;
	sequence->length = 0;
	return key;
}

unsigned menu_key_of_silence(struct menu_sequence *sequence)
{
	unsigned key = sequence->length == 1 ? KEY_ESCAPE : KEY_NONE;
	sequence->length = 0;
	return key;
}
