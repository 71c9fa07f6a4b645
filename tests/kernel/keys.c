/*
 * keys: says every key event, until Control-D is pressed.
 */
#include <stdbool.h>

#include "core/boot_word.h"
#include "core/log.h"
#include "dev/input.h"
#include "drivers/keyboard.h"
#include "machine_end.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/sleep.h"

#define CONTROL_D 4
#define PATIENCE  1000 /* ms until a keyboard is set up, if there is one */

static void print(struct key_event event)
{
	static const char *const actions[] = {"press", "repeat", "release"}, *const sources[] = {"keyboard", "serial"};

	log_info("key %02x U+%04X modifiers %x %s %s\n", event.key, event.unicode, event.modifiers,
	        actions[event.action], sources[event.source]);
}

static void keys(const struct boot_info *info, const char *value, size_t value_length)
{
	struct channel_recv receive;
	struct sleep sleep;
	struct key_event event;

	(void)info, (void)value, (void)value_length;
	for (unsigned int i = 0; i < PATIENCE && !keyboard_is_ready(); i++)
		block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
	log_info("keys: press them%s\n", keyboard_is_ready() ? "" : ", there is only the serial port");
	do {
		event = input_event((uint64_t)block_on(channel_recv(&receive, &input_events)));
		print(event);
	} while (event.unicode != CONTROL_D);
	log_drain();
	machine_end(true);
}

BOOT_WORD(keys, "says every key event, until Control-D", keys);
