/*
 * The keyboard's task and the 8042's driver, on a machine with an invented controller and keyboard, which can be broken
 * in the ways that real ones are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "abi/errno.h"
#include "bus/acpi.h"
#include "bus/power.h"
#include "core/boot_word.h"
#include "core/irq.h"
#include "core/monitor_command.h"
#include "dev/driver.h"
#include "dev/input.h"
#include "drivers/i8042.h"
#include "drivers/keyboard.h"
#include "drivers/keymap.h"
#include "host_input.h"
#include "host_output.h"
#include "host_task.h"

#define MS 1000000ull

#define OK     0xfa
#define RESEND 0xfe
#define BAT    0xaa

#define QUEUE_MAX 512
#define TOLD_MAX  64

/* ---- the machine ---- */

static struct {
	/* How it is broken. */
	bool is_absent, is_busy, is_mute, cannot_translate;
	uint8_t unanswered; /* the command that it takes and says nothing to */
	uint8_t self_test;
	uint8_t late[2]; /* keys that come when the mouse is switched off, and when the interrupt is asked for */
	unsigned int late_looks;
	/* The controller. */
	uint8_t command, configuration;
	bool wants_data, is_keyboard_on;
	bool is_blocked; /* a byte stood there when the interrupt was switched on: it interrupts nobody */
	unsigned int accesses;
	/* What waits to be read: a byte, and the status bits that come with it. */
	uint16_t queue[QUEUE_MAX];
	unsigned int queued, read;
	/* The keyboard. */
	bool is_unplugged, has_no_self_test;
	unsigned int resends;    /* so many times it asks again before it takes a byte */
	uint8_t typed_meanwhile; /* a key that comes between a command and its answer */
	uint8_t told[TOLD_MAX];  /* what it was told */
	unsigned int told_count;
	irq_handler *handler;
} machine;

static struct acpi_info acpi;

const struct acpi_info *acpi_info(void)
{
	return &acpi;
}

static void come_in(uint16_t byte)
{
	assert_true(machine.queued < QUEUE_MAX);
	machine.queue[machine.queued++] = byte;
}

int irq_register(unsigned int source, irq_handler *handler, void *context)
{
	assert_int_equal(source, 1);
	assert_null(context);
	machine.handler = handler;
	if (machine.late[1] != 0)
		come_in(machine.late[1]);
	return 0;
}

static void (*reset_machine)(void);

void power_set_keyboard_reset(void (*reset)(void))
{
	reset_machine = reset;
}

static void tell_keyboard(uint8_t byte)
{
	if (machine.is_unplugged)
		return;
	if (machine.resends > 0) {
		machine.resends--;
		come_in(RESEND);
		return;
	}
	assert_true(machine.told_count < TOLD_MAX);
	machine.told[machine.told_count++] = byte;
	if (machine.typed_meanwhile != 0)
		come_in(machine.typed_meanwhile);
	machine.typed_meanwhile = 0;
	come_in(OK);
	if (byte == 0xff && !machine.has_no_self_test)
		come_in(BAT);
}

static void obey(uint8_t command)
{
	machine.command = command;
	machine.wants_data = command == 0x60;
	if (machine.is_mute || (machine.unanswered != 0 && command == machine.unanswered))
		return;
	if (command == 0x20)
		come_in(machine.configuration);
	else if (command == 0xaa) {
		machine.configuration = 0x30; /* as some do: both channels off, no translation */
		come_in(machine.self_test);
	} else if (command == 0xab)
		come_in(0);
	else if (command == 0xad || command == 0xae)
		machine.is_keyboard_on = command == 0xae;
	else
		assert_true(command == 0x60 || command == 0xa7 || command == 0xfe);
	if (command == 0xa7 && machine.late[0] != 0)
		machine.late_looks = 2;
}

uint32_t host_ports_read(uint16_t port, unsigned int size)
{
	uint16_t byte;

	assert_int_equal(size, 1);
	machine.accesses++;
	if (machine.is_absent)
		return 0xff;
	if (port == 0x64 && machine.late_looks > 0 && --machine.late_looks == 0) {
		come_in(machine.late[0]);
		machine.late[0] = 0;
	}
	byte = machine.read < machine.queued ? machine.queue[machine.read] : 0;
	if (port == 0x64)
		return (machine.read < machine.queued) | (machine.is_busy ? 2u : 0) | (byte >> 8);
	assert_int_equal(port, 0x60);
	machine.read += machine.read < machine.queued;
	machine.is_blocked = false;
	return (uint8_t)byte;
}

void host_ports_write(uint16_t port, unsigned int size, uint32_t value)
{
	assert_int_equal(size, 1);
	assert_false(machine.is_absent);
	machine.accesses++;
	if (port == 0x64) {
		obey((uint8_t)value);
		return;
	}
	assert_int_equal(port, 0x60);
	machine.is_blocked |= machine.wants_data && value & 1 && machine.read < machine.queued;
	if (machine.wants_data)
		machine.configuration = (uint8_t)value & (machine.cannot_translate ? ~0x40 : ~0);
	else
		tell_keyboard((uint8_t)value);
	machine.wants_data = false;
}

/* Interrupts, until there is nothing more to read; tasks run in between. */
static void run(void)
{
	host_tasks_run();
	while (machine.read < machine.queued && machine.configuration & 1 && machine.handler != NULL &&
	        !machine.is_blocked) {
		assert_int_equal(machine.handler(NULL), IRQ_MINE);
		host_tasks_run();
	}
}

static void pass(uint64_t ms)
{
	for (; ms > 0; ms--) {
		run();
		host_tasks_pass(MS);
	}
	run();
}

static bool next_event(struct key_event *event)
{
	run();
	return host_input_take(event);
}

static int start(void **state)
{
	struct key_event event;

	(void)state;
	host_tasks_start();
	memset(&machine, 0, sizeof(machine));
	machine.self_test = 0x55;
	machine.configuration = 0x47;
	memset(&acpi, 0, sizeof(acpi));
	reset_machine = NULL;
	while (next_event(&event))
		;
	i8042_bytes.pushed = i8042_bytes.taken = 0;
	i8042_bytes.dropped = 0;
	return 0;
}

static void boot_word(const char *name, const char *value)
{
	for (const struct boot_word *w = linker_boot_words_start; w != linker_boot_words_end; w++) {
		if (strcmp(w->name, name) == 0) {
			w->run(NULL, value, strlen(value));
			return;
		}
	}
	fail_msg("no word %s", name);
}

/* The machine starts, and the keyboard is set up. */
static void start_keyboard(void)
{
	driver_start_all();
	boot_word("scancodes", "1");
	pass(10);
	assert_true(keyboard_is_ready());
}

static void expect_key(uint8_t key, uint8_t action)
{
	struct key_event event;

	assert_true(next_event(&event));
	assert_int_equal(event.key, key);
	assert_int_equal(event.action, action);
}

static void expect_nothing(void)
{
	struct key_event event;

	assert_false(next_event(&event));
}

/* The last it was told. */
static void assert_told(const char *bytes, unsigned int length)
{
	assert_true(machine.told_count >= length);
	assert_memory_equal(machine.told + machine.told_count - length, bytes, length);
}

/* ---- the controller ---- */

static void test_set_up(void **state)
{
	static const uint8_t told[] = {0xff, 0xf0, 2, 0xf3, 0x20, 0xf4, 0xed, 2};

	(void)state;
	come_in('x'); /* typed before */
	start_keyboard();
	assert_int_equal(machine.told_count, sizeof(told));
	assert_memory_equal(machine.told, told, sizeof(told));
	assert_int_equal(machine.configuration, 0x65); /* interrupt, tested, no mouse, translation */
	assert_true(machine.is_keyboard_on);
	assert_string_equal(host_tasks.log, "");
	expect_nothing();
}

/* A key in the middle of all that is no answer, and does not stand in the way for ever. */
static void test_typing_while_the_controller_is_set_up(void **state)
{
	(void)state;
	machine.late[0] = KEY_A;
	machine.late[1] = KEY_B;
	start_keyboard();
	assert_int_equal(machine.configuration, 0x65);
	assert_string_equal(host_tasks.log, "");
	come_in(KEY_C);
	expect_key(KEY_C, INPUT_PRESS);
}

static void test_no_controller(void **state)
{
	(void)state;
	machine.is_absent = true;
	driver_start_all();
	pass(1000);
	assert_string_equal(host_tasks.log, "Keyboard: there is no controller for one.\n");
	assert_int_equal(machine.accesses, 1);
	assert_false(keyboard_is_ready());
	assert_null(reset_machine);
}

/* Also one that takes nothing any more is told, after a while. */
static void test_reset_of_the_machine(void **state)
{
	(void)state;
	for (int busy = 0; busy < 2; busy++) {
		start(state);
		start_keyboard();
		assert_non_null(reset_machine);
		machine.is_busy = busy;
		machine.accesses = 0;
		reset_machine();
		assert_int_equal(machine.command, 0xfe);
		assert_true(machine.accesses < 10000);
	}
}

static void test_firmware_denies_it(void **state)
{
	(void)state;
	acpi.fadt.is_present = true;
	acpi.fadt.revision = 3;
	driver_start_all();
	pass(10);
	assert_int_equal(machine.accesses, 0);
	assert_string_equal(host_tasks.log, "Keyboard: the firmware says that there is no controller for one.\n");
	start(state);
	acpi.fadt.is_present = true;
	acpi.fadt.revision = 1; /* which has no word on it */
	start_keyboard();
}

/* Ports that take nothing, and ports that answer nothing: given up in the end, and nobody else waits meanwhile. */
static void test_controller_that_hangs(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		start(state);
		machine.is_busy = kind == 0;
		machine.is_mute = kind == 1;
		driver_start_all();
		run();
		assert_true(machine.accesses < 100);
		pass(2000);
		assert_string_equal(host_tasks.log, "Keyboard: there is no controller for one.\n");
		assert_true(machine.accesses < 50000);
	}
}

static void test_self_test_that_fails(void **state)
{
	(void)state;
	machine.self_test = 0xfc;
	start_keyboard();
	assert_string_equal(host_tasks.log, "Keyboard controller: its self-test says fc, which should be 55.\n");
}

static void test_self_test_without_an_answer(void **state)
{
	static const struct {
		uint8_t command;
		const char *said;
	} tests[] = {
	        {0xaa, "Keyboard controller: no answer from its self-test.\n"},
	        {0xab, "Keyboard controller: no answer from the test of the keyboard's wires.\n"},
	};

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		start(state);
		machine.unanswered = tests[i].command;
		driver_start_all();
		pass(1000);
		assert_string_equal(host_tasks.log, tests[i].said);
		assert_true(keyboard_is_ready());
	}
	start(state);
	machine.has_no_self_test = true;
	driver_start_all();
	pass(4000);
	assert_string_equal(host_tasks.log, "Keyboard: no answer from its self-test.\n");
	assert_true(keyboard_is_ready());
}

static void test_controller_that_cannot_translate(void **state)
{
	(void)state;
	machine.cannot_translate = true;
	start_keyboard();
	come_in(0x1c);
	come_in(0xf0);
	come_in(0x1c);
	expect_key(KEY_A, INPUT_PRESS);
	expect_key(KEY_A, INPUT_RELEASE);
}

static void test_set_2_is_wanted(void **state)
{
	(void)state;
	driver_start_all();
	boot_word("scancodes", "2");
	pass(10);
	assert_int_equal(machine.configuration, 0x25);
	come_in(0x1c);
	expect_key(KEY_A, INPUT_PRESS);
	boot_word("scancodes", "3");
	assert_string_equal(host_tasks.log, "scancodes=3: there are 1 and 2.\n");
}

static void test_mouse_is_not_listened_to(void **state)
{
	(void)state;
	start_keyboard();
	come_in(0x1e | 0x2000);
	expect_nothing();
	come_in(0x1e);
	expect_key(KEY_A, INPUT_PRESS);
}

static void test_interrupt_without_a_byte(void **state)
{
	(void)state;
	start_keyboard();
	assert_int_equal(machine.handler(NULL), IRQ_NOT_MINE);
}

/* ---- the keyboard ---- */

/* None is there; later one is plugged in, and says so. */
static void test_plugged_in_later(void **state)
{
	(void)state;
	machine.is_unplugged = true;
	driver_start_all();
	boot_word("scancodes", "1");
	pass(5000);
	assert_false(keyboard_is_ready());
	machine.is_unplugged = false;
	come_in(BAT);
	pass(10);
	assert_true(keyboard_is_ready());
	assert_told("\xff\xf0\x02\xf3\x20\xf4\xed\x02", 8);
	expect_nothing();
}

/* Its power was gone: the keys that were down are let go, and the lights are as they were. */
/* The same while the driver still waits for an answer of the one that is not there. */
static void test_plugged_in_while_it_is_asked_for(void **state)
{
	(void)state;
	machine.is_unplugged = true;
	driver_start_all();
	pass(100);
	machine.is_unplugged = false;
	come_in(BAT);
	pass(1000);
	assert_true(keyboard_is_ready());
	come_in(KEY_CAPS_LOCK);
	pass(10);
	assert_told("\xff\xf0\x02\xf3\x20\xf4\xed\x02\xed\x06", 10);
}

static void test_plugged_in_again(void **state)
{
	(void)state;
	start_keyboard();
	come_in(KEY_CAPS_LOCK);
	come_in(KEY_A);
	expect_key(KEY_CAPS_LOCK, INPUT_PRESS);
	expect_key(KEY_A, INPUT_PRESS);
	come_in(BAT);
	expect_key(KEY_A, INPUT_RELEASE);
	expect_key(KEY_CAPS_LOCK, INPUT_RELEASE);
	pass(10);
	assert_told("\xff\xf0\x02\xf3\x20\xf4\xed\x06", 8);
	expect_nothing();
}

static void test_left_shift_is_no_restart(void **state)
{
	unsigned int told;

	(void)state;
	start_keyboard();
	told = machine.told_count;
	come_in(KEY_LEFT_SHIFT);
	come_in(KEY_LEFT_SHIFT | 0x80);
	expect_key(KEY_LEFT_SHIFT, INPUT_PRESS);
	expect_key(KEY_LEFT_SHIFT, INPUT_RELEASE);
	pass(10);
	assert_int_equal(machine.told_count, told);
}

static void test_asked_again(void **state)
{
	(void)state;
	machine.resends = 2;
	start_keyboard();
	assert_int_equal(machine.told[0], 0xff);
	machine.resends = 100; /* it never understands: given up, and keys go on */
	come_in(KEY_CAPS_LOCK);
	pass(10);
	assert_int_equal(machine.resends, 97);
	expect_key(KEY_CAPS_LOCK, INPUT_PRESS);
	come_in(KEY_A);
	expect_key(KEY_A, INPUT_PRESS);
}

static void test_lights(void **state)
{
	static const uint8_t keys[] = {KEY_CAPS_LOCK, KEY_NUM_LOCK, KEY_SCROLL_LOCK, KEY_CAPS_LOCK},
	                     lights[] = {6, 4, 5, 1};

	(void)state;
	start_keyboard();
	for (size_t i = 0; i < sizeof(keys); i++) {
		come_in(keys[i]);
		come_in(keys[i] | 0x80);
		pass(1);
		assert_told((const char[]){(char)0xed, (char)lights[i]}, 2);
	}
}

/* What comes between a command and its answer are keys, and the answer is none. */
static void test_typing_while_it_is_told(void **state)
{
	(void)state;
	start_keyboard();
	machine.typed_meanwhile = KEY_B;
	come_in(KEY_CAPS_LOCK);
	expect_key(KEY_CAPS_LOCK, INPUT_PRESS);
	expect_key(KEY_B, INPUT_PRESS);
	expect_nothing();
	assert_told("\xed\x06", 2);
}

/* Who types early may see it lost, but never sees something else: a part of it may be gone. */
static void test_typing_while_it_is_set_up(void **state)
{
	(void)state;
	machine.typed_meanwhile = 0xe0; /* of an arrow, whose rest the reset swallowed */
	start_keyboard();
	expect_nothing();
	come_in(KEY_A);
	expect_key(KEY_A, INPUT_PRESS);
}

/* Bytes that look like answers mean nothing when nothing was asked. */
static void test_answers_to_nothing(void **state)
{
	(void)state;
	start_keyboard();
	come_in(OK);
	come_in(RESEND);
	expect_nothing();
	come_in(KEY_A);
	expect_key(KEY_A, INPUT_PRESS);
}

static void test_pulled_out_while_it_is_told(void **state)
{
	(void)state;
	start_keyboard();
	machine.is_unplugged = true;
	come_in(KEY_CAPS_LOCK);
	pass(1000);
	machine.is_unplugged = false;
	come_in(KEY_A);
	expect_key(KEY_CAPS_LOCK, INPUT_PRESS);
	expect_key(KEY_A, INPUT_PRESS);
}

static void test_overrun(void **state)
{
	static const uint16_t lost[] = {0x00, 0xff, 0x8000 | KEY_B, 0x4000 | 0xe0}; /* the last ones: by the status */

	(void)state;
	start_keyboard();
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		come_in(KEY_LEFT_SHIFT);
		come_in(0xe0);
		come_in(lost[i]);
		come_in(KEY_A);
		expect_key(KEY_LEFT_SHIFT, INPUT_PRESS);
		expect_key(KEY_LEFT_SHIFT, INPUT_RELEASE);
		expect_key(KEY_A, INPUT_PRESS);
		come_in(KEY_A | 0x80);
		expect_key(KEY_A, INPUT_RELEASE);
	}
}

/*
 * Nobody takes events: what fits into the channel and the ring is kept, the rest is counted. What was let go then is
 * not known, and the byte behind the gap may be half a key.
 */
static void test_nobody_listens(void **state)
{
	unsigned int events = 0;
	struct key_event event;

	(void)state;
	start_keyboard();
	come_in(KEY_LEFT_SHIFT);
	expect_key(KEY_LEFT_SHIFT, INPUT_PRESS);
	for (unsigned int i = 0; i < 300; i++)
		come_in(i % 2 ? KEY_A | 0x80 : KEY_A);
	come_in(KEY_LEFT_SHIFT | 0x80);
	run();
	assert_true(i8042_bytes.dropped > 1);
	while (next_event(&event))
		assert_int_equal(event.action, events++ % 2 ? INPUT_RELEASE : INPUT_PRESS);
	assert_int_equal(events, 301 - i8042_bytes.dropped);
	come_in(KEY_B);
	if (events % 2 == 1)
		expect_key(KEY_A, INPUT_RELEASE);
	expect_key(KEY_LEFT_SHIFT, INPUT_RELEASE);
	expect_nothing();
	come_in(KEY_B);
	expect_key(KEY_B, INPUT_PRESS);
}

/* ---- words and commands ---- */

static void test_keymap_command(void **state)
{
	struct key_event event;

	(void)state;
	start_keyboard();
	assert_int_equal(host_command_run("keymap", "fr"), 0);
	assert_string_equal(host_printed, "");
	come_in(KEY_Q);
	assert_true(next_event(&event));
	assert_int_equal(event.unicode, 'a');
	assert_int_equal(host_command_run("keymap"), 0);
	assert_string_equal(
	        host_printed, "  us   United States\n  uk   United Kingdom\n  de   German\n* fr   French\n");
	assert_int_equal(host_command_run("keymap", "xx"), -EINVAL);
	assert_non_null(strstr(host_printed, "There is no layout \"xx\". There are:\n  us"));
	assert_int_equal(host_command_run("keymap", "us", "de"), -EINVAL);
	boot_word("keymap", "de");
	boot_word("keymap", "dvorak");
	assert_string_equal(
	        host_tasks.log, "There is no layout \"dvorak\" for the keyboard. There are: us uk de fr.\n");
	assert_int_equal(host_command_run("keymap"), 0);
	assert_non_null(strstr(host_printed, "* de"));
}

static void test_keyboard_command(void **state)
{
	(void)state;
	start_keyboard();
	assert_int_equal(host_command_run("keyboard"), 0);
	assert_non_null(strstr(host_printed, "PS/2 keyboard: ready, scancode set 1, layout us, locks: Num\n"));
	assert_int_equal(host_command_run("keyboard", "x"), -EINVAL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start)
	const struct CMUnitTest tests[] = {
	        TEST(test_set_up),
	        TEST(test_typing_while_the_controller_is_set_up),
	        TEST(test_no_controller),
	        TEST(test_reset_of_the_machine),
	        TEST(test_firmware_denies_it),
	        TEST(test_controller_that_hangs),
	        TEST(test_self_test_that_fails),
	        TEST(test_self_test_without_an_answer),
	        TEST(test_controller_that_cannot_translate),
	        TEST(test_set_2_is_wanted),
	        TEST(test_mouse_is_not_listened_to),
	        TEST(test_interrupt_without_a_byte),
	        TEST(test_plugged_in_later),
	        TEST(test_plugged_in_while_it_is_asked_for),
	        TEST(test_plugged_in_again),
	        TEST(test_left_shift_is_no_restart),
	        TEST(test_asked_again),
	        TEST(test_lights),
	        TEST(test_typing_while_it_is_set_up),
	        TEST(test_typing_while_it_is_told),
	        TEST(test_answers_to_nothing),
	        TEST(test_pulled_out_while_it_is_told),
	        TEST(test_overrun),
	        TEST(test_nobody_listens),
	        TEST(test_keymap_command),
	        TEST(test_keyboard_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
