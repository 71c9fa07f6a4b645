/*
 * The PS/2 keyboard: one task that sets it up, again whenever it is plugged in, turns what it sends into key events,
 * and keeps its lights as the locks are. Commands and keys share one wire, so what comes back while a command is under
 * way is looked through for its answer.
 */
#include "drivers/keyboard.h"

#include <stdint.h>

#include "abi/errno.h"
#include "bus/acpi.h"
#include "core/boot_word.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "dev/driver.h"
#include "dev/input.h"
#include "drivers/i8042.h"
#include "drivers/key_state.h"
#include "drivers/keymap.h"
#include "drivers/scancode.h"
#include "lib/string.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/timeout.h"

/* Commands to the keyboard (PS/2 Technical Reference, "Keyboard"). */
#define COMMAND_LIGHTS   0xed
#define COMMAND_SET      0xf0
#define COMMAND_IDENTIFY 0xf2
#define COMMAND_REPEAT   0xf3
#define COMMAND_ENABLE   0xf4
#define COMMAND_RESET    0xff

#define SET_2         2
#define REPEAT_FAST   0x20 /* after 500 ms, 30 times a second */
#define ANSWER_OK     0xfa
#define ANSWER_RESEND 0xfe
#define ANSWER_RESET  0xaa /* the self-test after a reset went well */
#define ANSWER_FAILED 0xfc

#define ANSWER_NS  (NS_PER_SECOND / 5)
#define RESET_NS   (2 * (uint64_t)NS_PER_SECOND)
#define TRIES_MAX  3
#define LIGHTS_NOT 0xff /* nobody knows what they show */

/* There is one, whatever is plugged in; only its task and the commands of the monitor, which is another task, use it.
 */
static struct {
	struct scancode_decoder decoder;
	struct key_state keys;
	uint8_t lights;    /* enum key_lock: what they were told to show */
	bool is_new;       /* it has to be set up */
	bool is_ready;     /* it has been */
	bool wants_set_2;  /* the command line says that the controller is not to translate */
	uint64_t overruns; /* bytes got lost on the way */
} keyboard;

/* A byte that is no answer: to events. */
struct take_scancode {
	struct future future;
	uint16_t item; /* of i8042_bytes */
	uint8_t count, sent;
	bool has_lost_keys;
	struct key_event events[KEY_STATE_EVENTS_MAX];
	struct channel_send send;
};

/* A byte that did not arrive whole may have been any; and one behind a gap may be the rest of a sequence. */
static int key_of(uint16_t item)
{
	if (!(item & I8042_DAMAGED))
		return scancode_decode(
		        &keyboard.decoder, (uint8_t)item, key_state_is_down(&keyboard.keys, KEY_LEFT_SHIFT));
	scancode_reset(&keyboard.decoder, keyboard.decoder.is_set_2);
	return SCANCODE_OVERRUN;
}

static void decode(struct take_scancode *me)
{
	int key = key_of(me->item);

	if (key == SCANCODE_RESTARTED)
		keyboard.is_new = true;
	if (key == SCANCODE_OVERRUN)
		keyboard.overruns++;
	me->has_lost_keys = key < 0;
	if (key > 0 && key & SCANCODE_RELEASE)
		me->count = (uint8_t)key_state_release(&keyboard.keys, (uint8_t)key, me->events);
	else if (key > 0)
		me->count = (uint8_t)key_state_press(&keyboard.keys, (uint8_t)key, me->events);
}

ASYNC(take_scancode)
{
	ASYNC_BEGIN;
	decode(me);
	for (me->sent = 0; me->sent < me->count; me->sent++)
		await(channel_send(&me->send, &input_events, input_item(me->events[me->sent])));
	while (me->has_lost_keys && key_state_release_any(&keyboard.keys, &me->events[0]))
		await(channel_send(&me->send, &input_events, input_item(me->events[0])));
	ASYNC_FINALLY;
	ASYNC_END;
}

/*
 * The next byte that is an answer, if one comes in time. Keys that are pressed meanwhile are taken; but not while the
 * keyboard is set up, when a part of a key may have gone into an answer before, and the set may be another. One that is
 * plugged in meanwhile says so, and is set up then.
 */
struct wait_answer {
	struct future future;
	bool takes_any; /* every byte is one */
	uint64_t ns;
	int32_t item;
	union {
		struct {
			struct timeout timeout;
			struct next next;
		};
		struct take_scancode take;
	};
};

static bool is_answer(int item)
{
	return item == ANSWER_OK || item == ANSWER_RESEND;
}

ASYNC(wait_answer)
{
	ASYNC_BEGIN;
	for (;;) {
		await_into(me->item, timeout(&me->timeout, stream_next(&me->next, &i8042_bytes), me->ns));
		if (me->item < 0 || me->takes_any || is_answer(me->item))
			async_return(me->item);
		if (!keyboard.is_ready && me->item == ANSWER_RESET)
			keyboard.is_new = true;
		if (keyboard.is_ready)
			await(call(&me->take, take_scancode, .item = (uint16_t)me->item));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

/* Sends a command of one byte, or of two. 0; -ETIMEDOUT: no answer; -EIO: it does not understand. */
struct command {
	struct future future;
	uint8_t bytes[2];
	uint8_t length, sent, tries;
	union {
		struct i8042_send send;
		struct wait_answer answer;
	};
};

ASYNC(command)
{
	ASYNC_BEGIN;
	int result;

	while (me->sent < me->length) {
		await_into(result, i8042_send(&me->send, me->bytes[me->sent]));
		if (result < 0)
			async_return(result);
		await_into(result, call(&me->answer, wait_answer, .ns = ANSWER_NS));
		if (result < 0)
			async_return(result);
		if (result == ANSWER_OK)
			me->sent++;
		else if (++me->tries == TRIES_MAX)
			async_return(-EIO);
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static struct future *order(struct command *command, uint8_t code)
{
	return call(command, command, .bytes = {code}, .length = 1);
}

static struct future *order_with(struct command *command, uint8_t code, uint8_t parameter)
{
	return call(command, command, .bytes = {code, parameter}, .length = 2);
}

/* Resets the keyboard and makes it send what the decoder understands. -ETIMEDOUT: none is plugged in. */
struct set_up {
	struct future future;
	union {
		struct command command;
		struct wait_answer answer;
	};
};

ASYNC(set_up)
{
	ASYNC_BEGIN;
	int result;

	keyboard.is_ready = false;
	await_into(result, order(&me->command, COMMAND_RESET));
	if (result < 0)
		async_return(result);
	await_into(result, call(&me->answer, wait_answer, .takes_any = true, .ns = RESET_NS));
	if (result < 0)
		log_warning("Keyboard: no answer from its self-test.\n");
	else if (result != ANSWER_RESET)
		log_warning("Keyboard: its self-test says %x, which should be aa.\n", result);

	/* Old ones know nothing of this, and do what is wanted anyway. */
	await(order_with(&me->command, COMMAND_SET, SET_2));
	await(order_with(&me->command, COMMAND_REPEAT, REPEAT_FAST));
	await(order(&me->command, COMMAND_ENABLE));
	scancode_reset(&keyboard.decoder, keyboard.decoder.is_set_2);
	keyboard.lights = LIGHTS_NOT;
	keyboard.is_ready = true;
	ASYNC_FINALLY;
	ASYNC_END;
}

struct keyboard_task {
	struct future future;
	union {
		struct i8042_start start;
		struct set_up set_up;
		struct command command;
		struct next next;
		struct take_scancode take;
	};
};

ASYNC(keyboard_task)
{
	ASYNC_BEGIN;
	int result;

	await_into(result, i8042_start(&me->start, !keyboard.wants_set_2));
	if (result < 0) {
		log_detail("Keyboard: there is no controller for one.\n");
		async_return(result);
	}
	scancode_reset(&keyboard.decoder, result == 0);
	keyboard.is_new = true;
	for (;;) {
		if (keyboard.is_new) {
			keyboard.is_new = false;
			await(call(&me->set_up, set_up));
		} else if (keyboard.is_ready && keyboard.lights != keyboard.keys.locks) {
			keyboard.lights = keyboard.keys.locks;
			await(order_with(&me->command, COMMAND_LIGHTS, keyboard.lights));
		} else {
			await_into(result, stream_next(&me->next, &i8042_bytes));
			await(call(&me->take, take_scancode, .item = (uint16_t)result));
		}
	}
	ASYNC_FINALLY;
	keyboard.is_ready = false;
	ASYNC_END;
}

/* Tables of ACPI 1.0 do not say (ACPI specification 6.5, 5.2.9.3). */
static bool is_denied_by_firmware(void)
{
	const struct acpi_fadt *fadt = &acpi_info()->fadt;

	return fadt->is_present && fadt->revision >= 3 && !(fadt->boot_flags & ACPI_BOOT_KEYBOARD);
}

static void keyboard_start(void)
{
	key_state_start(&keyboard.keys, keymap_at(0));
	if (is_denied_by_firmware())
		log_detail("Keyboard: the firmware says that there is no controller for one.\n");
	else if (spawn(keyboard_task) == NULL)
		log_warning("Keyboard: no memory for its task.\n");
}

DRIVER(keyboard, keyboard_start);

bool keyboard_is_ready(void)
{
	return keyboard.is_ready;
}

static void choose_scancodes(const struct boot_info *info, const char *value, size_t value_length)
{
	(void)info;
	if (value_length == 1 && (*value == '1' || *value == '2'))
		keyboard.wants_set_2 = *value == '2';
	else
		log_warning("scancodes=%.*s: there are 1 and 2.\n", (int)value_length, value);
}

BOOT_WORD(scancodes, "scancodes=2: from the keyboard as they are; scancodes=1: translated by its controller",
        choose_scancodes);

static void choose_keymap(const struct boot_info *info, const char *value, size_t value_length)
{
	const struct keymap *keymap = keymap_find(value, value_length);

	(void)info;
	if (keymap != NULL) {
		key_state_set_keymap(&keyboard.keys, keymap);
		return;
	}
	log_warning("There is no layout \"%.*s\" for the keyboard. There are:", (int)value_length, value);
	for (size_t i = 0; (keymap = keymap_at(i)) != NULL; i++)
		log_warning(" %s", keymap->name);
	log_warning(".\n");
}

BOOT_WORD(keymap, "keymap=NAME: what is printed on the keyboard's keys (us, uk, de, fr)", choose_keymap);

static int run_keyboard(struct command_output *output, unsigned int count, char *const words[])
{
	uint8_t locks = keyboard.keys.locks;

	if (count > 1)
		return command_refuse(output, words[0]);
	command_print(output, "PS/2 keyboard: %s, scancode set %d, layout %s, locks:%s%s%s%s\n",
	        keyboard_is_ready() ? "ready" : "none", keyboard.decoder.is_set_2 ? 2 : 1, keyboard.keys.keymap->name,
	        locks & KEY_LOCK_CAPS ? " Caps" : "", locks & KEY_LOCK_NUM ? " Num" : "",
	        locks & KEY_LOCK_SCROLL ? " Scroll" : "", locks == 0 ? " none" : "");
	command_print(output, "overruns: %lu, bytes lost because nobody took them: %lu\n", keyboard.overruns,
	        i8042_bytes.dropped);
	return 0;
}

MONITOR_COMMAND(keyboard, "", "the keyboard's state, and what got lost", run_keyboard);

static int run_keymap(struct command_output *output, unsigned int count, char *const words[])
{
	const struct keymap *keymap;

	if (count > 2)
		return command_refuse(output, words[0]);
	keymap = count == 2 ? keymap_find(words[1], strlen(words[1])) : keyboard.keys.keymap;
	if (keymap != NULL && count == 2) {
		key_state_set_keymap(&keyboard.keys, keymap);
		return 0;
	}
	if (keymap == NULL)
		command_print(output, "There is no layout \"%s\". There are:\n", words[1]);
	for (size_t i = 0; keymap_at(i) != NULL; i++)
		command_print(output, "%c %-4s %s\n", keymap_at(i) == keyboard.keys.keymap ? '*' : ' ',
		        keymap_at(i)->name, keymap_at(i)->title);
	return keymap == NULL ? -EINVAL : 0;
}

MONITOR_COMMAND(keymap, "[NAME]", "the keyboard's layout: which there are, or another one", run_keymap);
