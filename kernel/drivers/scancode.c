#include "drivers/scancode.h"

#include "dev/input.h"

#define PREFIX_E0     0xe0 /* a key that the PC AT's keyboard did not have */
#define PREFIX_E1     0xe1 /* Pause */
#define SET_2_RELEASE 0xf0
#define SET_1_RELEASE 0x80
#define OVERRUN_SET_1 0xff
#define OVERRUN_SET_2 0x00
#define SELF_TEST_OK  0xaa

#define SET_1_SYSTEM_REQUEST 0x54 /* Print Screen while Alt is down */
#define SET_1_BREAK          0x46 /* after E0: Pause while Control is down */

/* Set 2 to set 1, as an 8042 translates: fixed by the one in the PC AT, and by every key of set 1 that there is. */
static const uint8_t set_1_of[] = {
        0x00, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59, /* 00 */
        0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b, /* 10 */
        0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d, /* 20 */
        0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f, /* 30 */
        0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60, 0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61, /* 40 */
        0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76, /* 50 */
        0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f, /* 60 */
        0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54, /* 70 */
        0x00, 0x00, 0x00, 0x41, 0x54,                                                                   /* 80 */
};

void scancode_reset(struct scancode_decoder *decoder, bool is_set_2)
{
	*decoder = (struct scancode_decoder){.is_set_2 = is_set_2};
}

/* E1 1D 45 is Pause, and nothing else begins with E1. */
static int finish_pause(struct scancode_decoder *decoder, uint8_t code)
{
	if (decoder->prefix == SCANCODE_E1 && code == KEY_LEFT_CONTROL) {
		decoder->prefix = SCANCODE_E1_1D;
		return SCANCODE_NOTHING;
	}
	if (decoder->prefix == SCANCODE_E1_1D && code == KEY_NUM_LOCK) {
		decoder->prefix = SCANCODE_PLAIN;
		return KEY_PAUSE;
	}
	decoder->prefix = SCANCODE_PLAIN;
	return SCANCODE_NOTHING;
}

/*
 * Before and after the keys that the PC AT's keypad had alone, keyboards say that Shift is pressed or let go, so that
 * programs of 1984 see that keypad. There was no such key: E0 2A and E0 36 mean nothing.
 */
static int finish_e0(struct scancode_decoder *decoder, uint8_t code)
{
	decoder->prefix = SCANCODE_PLAIN;
	if (code == KEY_LEFT_SHIFT || code == KEY_RIGHT_SHIFT)
		return SCANCODE_NOTHING;
	if (code == SET_1_BREAK)
		return KEY_PAUSE;
	return 0x80 | code;
}

/* `code` is a key of set 1. */
static int finish(struct scancode_decoder *decoder, uint8_t code)
{
	switch (decoder->prefix) {
	case SCANCODE_E0:
		return finish_e0(decoder, code);
	case SCANCODE_E1:
	case SCANCODE_E1_1D:
		return finish_pause(decoder, code);
	default:
		return code == SET_1_SYSTEM_REQUEST ? KEY_PRINT_SCREEN : code;
	}
}

static int with_release(int key, bool is_release)
{
	return key > 0 && is_release ? key | SCANCODE_RELEASE : key;
}

static int decode_set_1(struct scancode_decoder *decoder, uint8_t byte)
{
	if ((byte & ~SET_1_RELEASE) == 0)
		return SCANCODE_NOTHING;
	return with_release(finish(decoder, byte & ~SET_1_RELEASE), byte & SET_1_RELEASE);
}

static int decode_set_2(struct scancode_decoder *decoder, uint8_t byte)
{
	uint8_t code = byte < sizeof(set_1_of) ? set_1_of[byte] : 0;
	bool is_release = decoder->is_release;

	if (byte == SET_2_RELEASE) {
		decoder->is_release = true;
		return SCANCODE_NOTHING;
	}
	decoder->is_release = false;
	if (code == 0) {
		decoder->prefix = SCANCODE_PLAIN;
		return SCANCODE_NOTHING;
	}
	return with_release(finish(decoder, code), is_release);
}

/* Whether AA is no key: in set 1 it is left Shift let go, and behind E0 that Shift that never was. */
static bool is_restart(const struct scancode_decoder *decoder, bool is_left_shift_down)
{
	return decoder->is_set_2 || (decoder->prefix == SCANCODE_PLAIN && !is_left_shift_down);
}

int scancode_decode(struct scancode_decoder *decoder, uint8_t byte, bool is_left_shift_down)
{
	int special = 0;

	if (byte == OVERRUN_SET_1 || byte == OVERRUN_SET_2)
		special = SCANCODE_OVERRUN;
	else if (byte == SELF_TEST_OK && is_restart(decoder, is_left_shift_down))
		special = SCANCODE_RESTARTED;
	if (special != 0) {
		scancode_reset(decoder, decoder->is_set_2);
		return special;
	}
	if (byte == PREFIX_E0 || byte == PREFIX_E1) {
		decoder->prefix = byte == PREFIX_E0 ? SCANCODE_E0 : SCANCODE_E1;
		return SCANCODE_NOTHING;
	}
	return decoder->is_set_2 ? decode_set_2(decoder, byte) : decode_set_1(decoder, byte);
}
