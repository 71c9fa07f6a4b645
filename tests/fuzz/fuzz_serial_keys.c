/*
 * Any bytes from a terminal: each makes no more events than there is room for, and every event says something.
 */
#include <stdlib.h>

#include "drivers/serial_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct key_event *events, unsigned int count)
{
	if (count > SERIAL_KEYS_EVENTS_MAX)
		abort();
	for (unsigned int i = 0; i < count; i++) {
		if (events[i].unicode > 0x10ffff || (events[i].unicode == 0 && events[i].key == KEY_NONE))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct serial_keys keys = {0};
	struct key_event events[SERIAL_KEYS_EVENTS_MAX];

	for (size_t i = 0; i < size; i++)
		check(events, serial_keys_add(&keys, data[i], events));
	check(events, serial_keys_end(&keys, events));
	if (serial_keys_is_waiting(&keys))
		abort();
	return 0;
}
