/*
 * From the bytes a PC keyboard sends to the key that was pressed or let go (IBM PS/2 Technical Reference, "Keyboard";
 * Microsoft's Keyboard Scan Code Specification 1.3a). Set 1 is what arrives where the 8042 translates, as it has done
 * since it stood for the keyboards of the PC XT; set 2 is what keyboards say themselves.
 */
#ifndef DRIVERS_SCANCODE_H
#define DRIVERS_SCANCODE_H

#include <stdbool.h>
#include <stdint.h>

/* How far into a key's sequence the bytes have come. */
enum scancode_prefix { SCANCODE_PLAIN, SCANCODE_E0, SCANCODE_E1, SCANCODE_E1_1D };

struct scancode_decoder {
	bool is_set_2;
	bool is_release; /* set 2: F0h was there */
	uint8_t prefix;  /* enum scancode_prefix */
};

/* A result that is a key (enum input_key) may have this bit. */
#define SCANCODE_RELEASE 0x100

enum scancode_special {
	SCANCODE_NOTHING = 0,  /* more bytes belong to it, or they mean no key */
	SCANCODE_OVERRUN = -1, /* the keyboard lost some: which keys are down is not known any more */
	SCANCODE_RESTARTED =
	        -2 /* AAh: it was plugged in, or its power came back. Only where that is no key, see below */
};

/* [any] Forgets half a sequence. */
void scancode_reset(struct scancode_decoder *decoder, bool is_set_2);

/*
 * [any] One byte more: a key, or an enum scancode_special. In set 1 AAh is also how left Shift is let go, so that means
 * that the keyboard has restarted only while left Shift is not down, which the caller knows.
 */
int scancode_decode(struct scancode_decoder *decoder, uint8_t byte, bool is_left_shift_down);

#endif
