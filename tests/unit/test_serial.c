/*
 * The serial port's driver and its task, on an invented 16550.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "abi/errno.h"
#include "core/irq.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "dev/driver.h"
#include "dev/input.h"
#include "drivers/serial.h"
#include "host_input.h"
#include "host_output.h"
#include "host_task.h"

#define MS       1000000ull
#define FIFO     16
#define OUT_MAX  20000
#define IN_MAX   4000
#define RTS      0x02
#define EMPTY    0x02 /* in IER */
#define RECEIVED 0x05
#define NMI_SAYS "[an NMI came\n]"

/* ---- the machine ---- */

static struct {
	bool is_absent, is_stuck, has_no_interrupt;
	uint8_t ier, lcr, mcr, scratch;
	bool empty_is_told; /* since the FIFO ran empty */
	/* What is in the FIFO, and what has left the machine. */
	unsigned int sending, looks, out_count;
	unsigned int all_looks; /* at the line status */
	char out[OUT_MAX];
	/* What comes in: a byte, and the errors of the line status with it. */
	uint16_t in[IN_MAX];
	unsigned int in_count, read;
	bool is_taken_meanwhile; /* all that came in, by the task on another CPU, while the port is held */
	irq_handler *handler;
	const struct log_sink *sink;
	unsigned int until_nmi; /* accesses to ports; 0: none comes */
} machine;

bool log_add_sink(const struct log_sink *sink)
{
	machine.sink = sink;
	return true;
}

int irq_register(unsigned int source, irq_handler *handler, void *context)
{
	assert_int_equal(source, 4);
	assert_null(context);
	if (machine.has_no_interrupt)
		return -EINVAL;
	machine.handler = handler;
	return 0;
}

/* The wire takes what is in the FIFO. */
static void transmit(void)
{
	machine.sending = 0;
	machine.empty_is_told = false;
}

static uint8_t identification(void)
{
	if (machine.read < machine.in_count && machine.ier & RECEIVED)
		return 0xc4;
	if (machine.sending == 0 && machine.ier & EMPTY && !machine.empty_is_told) {
		machine.empty_is_told = true;
		return 0xc2;
	}
	return 0xc1;
}

static uint8_t line_status(void)
{
	uint8_t status = machine.sending == 0 && !machine.is_stuck ? 0x60 : 0;

	if (machine.read < machine.in_count)
		status |= 1 | machine.in[machine.read] >> 8;
	if (machine.read < machine.in_count)
		machine.in[machine.read] &= 0xff; /* reading clears them */
	machine.all_looks++;
	if (++machine.looks > 5 && !machine.is_stuck)
		transmit(); /* who waits by looking sees the wire at work */
	return status;
}

/* One comes between two accesses, and says something. */
static void let_nmi_come(void)
{
	if (machine.until_nmi > 0 && --machine.until_nmi == 0)
		machine.sink->write(LOG_ERROR, NMI_SAYS, strlen(NMI_SAYS));
}

uint32_t host_ports_read(uint16_t port, unsigned int size)
{
	let_nmi_come();
	assert_int_equal(size, 1);
	if (machine.is_absent)
		return 0xff;
	switch (port - 0x3f8) {
	case 0:
		assert_true(machine.read < machine.in_count);
		return (uint8_t)machine.in[machine.read++];
	case 2:
		return identification();
	case 5:
		return line_status();
	case 7:
		return machine.scratch;
	default:
		fail_msg("port %x is read", port);
		return 0;
	}
}

void host_ports_write(uint16_t port, unsigned int size, uint32_t value)
{
	let_nmi_come();
	assert_int_equal(size, 1);
	switch (port - 0x3f8) {
	case 0:
		if (machine.lcr & 0x80)
			return;
		assert_true(machine.sending < FIFO);
		assert_true(machine.out_count < OUT_MAX - 1);
		machine.sending++;
		machine.looks = 0;
		machine.out[machine.out_count++] = (char)value;
		return;
	case 1:
		if (!(machine.lcr & 0x80)) {
			machine.empty_is_told &= (machine.ier & EMPTY) != 0;
			machine.ier = (uint8_t)value;
		}
		return;
	case 3:
		machine.lcr = (uint8_t)value;
		return;
	case 4:
		machine.mcr = (uint8_t)value;
		if (machine.is_taken_meanwhile && !(value & RTS))
			serial_bytes.taken = serial_bytes.pushed;
		return;
	case 7:
		machine.scratch = (uint8_t)value;
		return;
	default:
		assert_int_equal(port, 0x3fa);
	}
}

static void interrupt(void)
{
	assert_int_equal(machine.handler(NULL), IRQ_MINE);
}

/* Interrupts of what comes in, until it is in; tasks run in between. */
static void run(void)
{
	host_tasks_run();
	while (machine.read < machine.in_count && machine.ier & RECEIVED) {
		interrupt();
		host_tasks_run();
	}
}

static void come_in(const char *text)
{
	for (; *text != '\0'; text++)
		machine.in[machine.in_count++] = (uint8_t)*text;
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
	memset(&machine, 0, sizeof(machine));
	host_tasks_start();
	serial_start();
	if (machine.sink != NULL)
		machine.sink->drain();
	while (next_event(&event))
		;
	memset(&machine, 0, sizeof(machine));
	serial_start();
	return 0;
}

/* With interrupts and tasks. */
static int start_receiving(void **state)
{
	start(state);
	driver_start_all();
	run();
	assert_int_equal(machine.ier & RECEIVED, RECEIVED);
	assert_int_equal(machine.mcr, 0x0b);
	return 0;
}

static void say(const char *text)
{
	machine.sink->write(LOG_INFO, text, strlen(text));
}

static void say_later(const char *text)
{
	machine.sink->write_later(text, strlen(text));
}

/* The wire is done, and says so. */
static void wire_goes_on(void)
{
	transmit();
	if (machine.ier & EMPTY)
		interrupt();
}

/* ---- sending ---- */

static void test_lines_are_out_at_once(void **state)
{
	(void)state;
	say("one\ntwo\n");
	say_later("three\n"); /* nobody would interrupt yet */
	assert_string_equal(machine.out, "one\r\ntwo\r\nthree\r\n");
}

static void test_text_waits_for_the_wire(void **state)
{
	(void)state;
	say_later("0123456789abcdef");
	assert_int_equal(machine.ier & EMPTY, 0); /* it fits: nothing is left to wait */
	say_later("ghijkl\nmnopqrstuvwxyz");
	assert_string_equal(machine.out, "0123456789abcdef");
	assert_int_equal(machine.ier & EMPTY, EMPTY);
	wire_goes_on();
	assert_string_equal(machine.out, "0123456789abcdefghijkl\r\nmnopqrst");
	wire_goes_on();
	assert_string_equal(machine.out, "0123456789abcdefghijkl\r\nmnopqrstuvwxyz");
	assert_int_equal(machine.ier & EMPTY, 0);
}

/* Echo of what is typed: one character goes out without an interrupt. */
static void test_a_character_does_not_wait(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		say_later("x");
		assert_int_equal(machine.out_count, i + 1);
		assert_int_equal(machine.ier & EMPTY, 0);
		transmit();
	}
}

static void test_order(void **state)
{
	(void)state;
	say_later("0123456789abcdefghij");
	assert_int_equal(machine.out_count, FIFO);
	say("line\n"); /* the log takes with it what waits */
	assert_string_equal(machine.out, "0123456789abcdefghijline\r\n");
	say_later("0123456789abcdefghij");
	machine.sink->emergency(LOG_ERROR, "down\n", 5);
	assert_string_equal(machine.out + 26, "0123456789abcdefghijdown\r\n");
	say_later("0123456789abcdefghij");
	machine.sink->drain();
	assert_string_equal(machine.out + 26 + 26, "0123456789abcdefghij");
}

/* More than waits: then it is sent by waiting, and nothing is lost. */
static void test_a_lot(void **state)
{
	static char text[101];
	unsigned int lines = 0;

	(void)state;
	memset(text, 'x', 100);
	for (; lines < 100; lines++)
		say_later(text);
	assert_true(machine.out_count >= 100 * 100 - 4096 && machine.out_count < 100 * 100);
	while (machine.ier & EMPTY)
		wire_goes_on();
	assert_int_equal(machine.out_count, 100 * 100);
}

/* Wherever one comes: nothing is lost, said twice, or sent while the transmitter is full. True if it came. */
static bool send_while_nmi_comes(unsigned int until)
{
	static const char text[] = "0123456789\nabcdefghijklmnopqrstuvwxyz0123456789";
	static const char nmi[] = "[an NMI came\r\n]";
	const char *found;

	start_receiving(NULL);
	machine.until_nmi = until;
	say_later(text);
	while (machine.ier & EMPTY) {
		transmit();
		machine.handler(NULL); /* which may find that the NMI has done everything */
	}
	say_later("+");
	say("later\n");
	if (machine.until_nmi > 0)
		return false;
	found = strstr(machine.out, nmi);
	assert_non_null(found);
	memmove(&machine.out[found - machine.out], found + strlen(nmi), strlen(found + strlen(nmi)) + 1);
	assert_string_equal(machine.out, "0123456789\r\nabcdefghijklmnopqrstuvwxyz0123456789+later\r\n");
	return true;
}

static void test_nmi_while_sending(void **state)
{
	unsigned int until = 1;

	(void)state;
	while (send_while_nmi_comes(until))
		until++;
	assert_true(until > 50);
}

/* Who asks for room first never waits, whatever he says. */
static void test_room(void **state)
{
	static char lines[4096];
	size_t room = machine.sink->room();

	(void)state;
	memset(lines, '\n', sizeof(lines));
	assert_int_equal(room, 2048);
	machine.sink->write_later(lines, room);
	assert_int_equal(machine.out_count, FIFO);
	assert_in_range(machine.sink->room(), 0, FIFO / 2);
	wire_goes_on();
	assert_in_range(machine.sink->room(), FIFO / 2, FIFO);
}

/* The wire was ready, but whoever sent saw it before the interrupt came, which is not nobody's for that. */
static void test_an_interrupt_that_comes_late(void **state)
{
	(void)state;
	say_later("0123456789abcdefghij");
	transmit();
	say_later("klmnopqrstuvwxyz");
	assert_int_equal(machine.sending, FIFO);
	interrupt();
	assert_int_equal(machine.handler(NULL), IRQ_NOT_MINE);
	while (machine.ier & EMPTY)
		wire_goes_on();
	assert_string_equal(machine.out, "0123456789abcdefghijklmnopqrstuvwxyz");
}

static void test_no_port(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.is_absent = true;
	serial_start();
	assert_null(machine.sink);
}

/* ---- receiving ---- */

static void expect(uint32_t unicode)
{
	struct key_event event;

	assert_true(next_event(&event));
	assert_int_equal(event.unicode, unicode);
	assert_int_equal(event.source, INPUT_SERIAL);
}

static void test_typing(void **state)
{
	(void)state;
	come_in("aé\r");
	expect('a');
	expect(0xe9);
	expect('\n');
}

/* Escape alone is a key when nothing has come for 50 ms. */
static void test_escape(void **state)
{
	struct key_event event;

	(void)state;
	come_in("\x1b");
	assert_false(next_event(&event));
	host_tasks_pass(49 * MS);
	assert_false(next_event(&event));
	host_tasks_pass(2 * MS);
	expect(27);
	come_in("\x1b");
	run();
	host_tasks_pass(10 * MS);
	come_in("[A");
	assert_true(next_event(&event));
	assert_int_equal(event.key, KEY_UP);
}

static void assert_counts(const char *text)
{
	host_command_run("serial");
	assert_string_equal(host_printed, text);
}

/* Torn bytes and breaks are no keys; a byte before which others got lost is one. All are counted. */
static void test_line_errors(void **state)
{
	static const uint16_t in[] = {'a', 0x0400 | 'b', 0x0800 | 'c', 0x1800, 0x0200 | 'd'};

	(void)state;
	memcpy(machine.in, in, sizeof(in));
	machine.in_count = 5;
	expect('a');
	expect('d');
	assert_counts("Serial port: overruns: 1, damaged bytes: 2, breaks: 1\n"
	              "characters not sent, because nobody took them: 0\n");
}

/* Errors that somebody reads who sends are not forgotten. */
static void test_errors_seen_while_sending(void **state)
{
	struct key_event event;

	(void)state;
	machine.in[0] = 0x0800 | 'a';
	machine.in_count = 1;
	say("0123456789abcdefghij");
	assert_int_equal(machine.in[0], 'a');
	assert_false(next_event(&event));
}

/* Nobody takes events: the other side is told to wait, and when it may go on nothing is missing. */
static void test_more_than_there_is_room_for(void **state)
{
	struct key_event event;
	unsigned int pauses = 0;

	(void)state;
	for (unsigned int i = 0; i < IN_MAX - 1; i++)
		machine.in[machine.in_count++] = (uint16_t)('!' + i % 90);
	run();
	assert_int_equal(machine.mcr & RTS, 0);
	assert_true(machine.read < machine.in_count);
	for (unsigned int i = 0; i < IN_MAX - 1; i++) {
		pauses += (machine.mcr & RTS) == 0;
		assert_true(next_event(&event));
		assert_int_equal(event.unicode, '!' + i % 90);
	}
	assert_true(pauses > 0);
	assert_int_equal(machine.mcr & RTS, RTS);
	assert_int_equal(serial_bytes.dropped, 0);
}

/* On another CPU the task may have made all the room there is, and found that nobody is held, right before one is. */
static void test_room_is_made_while_the_port_is_held(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		machine.in[machine.in_count++] = 'x';
	machine.is_taken_meanwhile = true;
	interrupt();
	assert_int_equal(machine.read, machine.in_count);
	assert_int_equal(machine.mcr & RTS, RTS);
	assert_int_equal(machine.ier & RECEIVED, RECEIVED);
}

static void test_not_mine(void **state)
{
	(void)state;
	assert_int_equal(machine.handler(NULL), IRQ_NOT_MINE);
}

/* What an emulated port is connected to may stop reading, and go on: then the port does, with what waits. */
static void test_a_port_that_gets_stuck(void **state)
{
	static char text[4096];
	uint64_t unsent = serial_unsent();

	(void)state;
	machine.sending = FIFO;
	machine.is_stuck = true;
	say("0123456789abcdefghij");
	assert_int_equal(machine.out_count, 0);
	assert_true(machine.sink->room() == SIZE_MAX); /* nobody waits for it for ever */
	say_later("and so on\n");
	assert_int_equal(machine.out_count, 0);
	memset(text, 'x', sizeof(text));
	machine.sink->write_later(text, sizeof(text)); /* more than can wait: the oldest is lost */
	assert_int_equal(machine.out_count, 0);
	assert_int_equal(serial_unsent() - unsent, 20 + 11);
	machine.is_stuck = false;
	while (machine.ier & EMPTY)
		wire_goes_on();
	assert_int_equal(machine.out_count, sizeof(text));
	assert_memory_equal(machine.out, text, sizeof(text));
	say("line\n");
	assert_string_equal(machine.out + sizeof(text), "line\r\n");
}

static unsigned int looks_for(const char *text)
{
	unsigned int before = machine.all_looks;

	say(text);
	return machine.all_looks - before;
}

/* It takes a burst now and then though nobody reads: the long wait is for one that has long done well. */
static void test_a_port_that_gets_stuck_again(void **state)
{
	unsigned int first;

	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		say("0123456789abcdef");
	machine.is_stuck = true;
	first = looks_for("0123456789abcdef");
	for (unsigned int i = 0; i < 10; i++) {
		transmit();
		machine.is_stuck = false;
		say("0123456789abcdef");
		machine.is_stuck = true;
		assert_in_range(looks_for("0123456789abcdef"), 1000, first / 10);
	}
	machine.is_stuck = false;
	for (unsigned int i = 0; i < 100; i++)
		say("0123456789abcdef");
	machine.is_stuck = true;
	assert_in_range(looks_for("0123456789abcdef"), first / 2, 2 * first);
	machine.is_stuck = false;
	say("0123456789abcdef");
}

static void test_no_interrupt(void **state)
{
	(void)state;
	machine.has_no_interrupt = true;
	driver_start_all();
	run();
	assert_string_equal(host_tasks.log, "Serial port: what is typed there cannot be heard, error -22.\n");
	say_later("but it can be sent to\n");
	assert_string_equal(machine.out, "but it can be sent to\r\n");
}

int main(void)
{
#define SENDING(name)   cmocka_unit_test_setup(name, start)
#define RECEIVING(name) cmocka_unit_test_setup(name, start_receiving)
	const struct CMUnitTest tests[] = {
	        SENDING(test_lines_are_out_at_once),
	        RECEIVING(test_text_waits_for_the_wire),
	        RECEIVING(test_a_character_does_not_wait),
	        RECEIVING(test_order),
	        RECEIVING(test_a_lot),
	        RECEIVING(test_nmi_while_sending),
	        RECEIVING(test_room),
	        RECEIVING(test_typing),
	        RECEIVING(test_escape),
	        RECEIVING(test_line_errors),
	        RECEIVING(test_errors_seen_while_sending),
	        RECEIVING(test_more_than_there_is_room_for),
	        RECEIVING(test_room_is_made_while_the_port_is_held),
	        RECEIVING(test_not_mine),
	        RECEIVING(test_an_interrupt_that_comes_late),
	        SENDING(test_no_port),
	        SENDING(test_no_interrupt),
	        RECEIVING(test_a_port_that_gets_stuck),
	        RECEIVING(test_a_port_that_gets_stuck_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
