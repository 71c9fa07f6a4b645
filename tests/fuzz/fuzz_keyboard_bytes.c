/*
 * Any bytes from a keyboard, in both sets and on every layout: to the end of what they make there are keys, characters
 * and no more events than there is room for.
 */
#include <stdlib.h>

#include "drivers/key_state.h"
#include "drivers/scancode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct key_state *keys, int key)
{
	struct key_event events[KEY_STATE_EVENTS_MAX];
	unsigned int count;

	if (key & SCANCODE_RELEASE)
		count = key_state_release(keys, (uint8_t)key, events);
	else
		count = key_state_press(keys, (uint8_t)key, events);
	if (count > KEY_STATE_EVENTS_MAX)
		abort();
	for (unsigned int i = 0; i < count; i++) {
		if (events[i].unicode >= DEAD_GRAVE || events[i].action > INPUT_RELEASE)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scancode_decoder decoder;
	struct key_state keys;
	struct key_event event;

	if (size == 0)
		return 0;
	scancode_reset(&decoder, data[0] & 1);
	key_state_start(&keys, keymap_at(data[0] >> 1 & 3));
	for (size_t i = 1; i < size; i++) {
		int key = scancode_decode(&decoder, data[i], key_state_is_down(&keys, KEY_LEFT_SHIFT));

		if (key > (SCANCODE_RELEASE | 0xff) || key == SCANCODE_RELEASE)
			abort();
		if (key > 0)
			take(&keys, key);
	}
	for (unsigned int n = 0; key_state_release_any(&keys, &event); n++) {
		if (n == 256)
			abort();
	}
	return 0;
}
