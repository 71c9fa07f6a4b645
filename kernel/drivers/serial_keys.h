/*
 * From the bytes that a terminal sends over a serial line to key events: UTF-8, control characters, and the sequences
 * of keys that have no character (ECMA-48; xterm's "Alt and Meta Keys", "PC-Style Function Keys", "VT220-Style Function
 * Keys"; the Linux console's F1 to F5). What is no key is taken and forgotten.
 */
#ifndef DRIVERS_SERIAL_KEYS_H
#define DRIVERS_SERIAL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "dev/input.h"
#include "lib/utf8.h"

/* How far into a sequence the bytes have come. */
enum serial_keys_at {
	SERIAL_KEYS_GROUND,
	SERIAL_KEYS_ESCAPE,
	SERIAL_KEYS_CONTROL_SEQUENCE, /* ESC [ */
	SERIAL_KEYS_SINGLE_SHIFT,     /* ESC O */
	SERIAL_KEYS_LINUX,            /* ESC [ [ */
};

struct serial_keys {
	struct utf8 utf8;
	uint8_t at;      /* enum serial_keys_at */
	bool has_return; /* the last byte was a carriage return: a line feed right after it belongs to it */
	bool has_alt;    /* Escape came before the character */
	bool is_foreign; /* the control sequence has something that no key's has */
	uint8_t parameter_count;
	uint8_t parameters[2];
};

/* One byte ends no more than a cut character or a lone Escape, and itself. */
#define SERIAL_KEYS_EVENTS_MAX 2

/* [any] One byte more; all zero is the state to begin with. Returns how many events it makes. */
unsigned int serial_keys_add(struct serial_keys *keys, uint8_t byte, struct key_event events[SERIAL_KEYS_EVENTS_MAX]);

/* [any] Whether an Escape may be the key of that name: then serial_keys_end() is due if no more bytes come soon. */
bool serial_keys_is_waiting(const struct serial_keys *keys);

/* [any] No more bytes came: what was begun is all there was. Returns how many events that makes. */
unsigned int serial_keys_end(struct serial_keys *keys, struct key_event events[SERIAL_KEYS_EVENTS_MAX]);

#endif
