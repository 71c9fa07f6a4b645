#include "drivers/i8042.h"

#include <stdbool.h>
#include <stdint.h>

#include "abi/errno.h"
#include "bus/power.h"
#include "core/irq.h"
#include "core/log.h"
#include "cpu.h"

#define PORT_DATA    0x60
#define PORT_STATUS  0x64 /* to read */
#define PORT_COMMAND 0x64 /* to write */

#define STATUS_FULL      0x01 /* there is a byte to read */
#define STATUS_BUSY      0x02 /* what was written is not taken yet */
#define STATUS_MOUSE     0x20 /* the byte is from the second channel */
#define STATUS_TIMEOUT   0x40
#define STATUS_PARITY    0x80
#define STATUS_NO_DEVICE 0xff /* what an empty address reads as */

#define COMMAND_READ_CONFIGURATION  0x20
#define COMMAND_WRITE_CONFIGURATION 0x60
#define COMMAND_DISABLE_MOUSE       0xa7
#define COMMAND_SELF_TEST           0xaa
#define COMMAND_TEST_KEYBOARD       0xab
#define COMMAND_DISABLE_KEYBOARD    0xad
#define COMMAND_ENABLE_KEYBOARD     0xae
#define COMMAND_RESET               0xfe /* pulls the line that resets the CPU */

#define CONFIGURATION_INTERRUPT       0x01
#define CONFIGURATION_MOUSE_INTERRUPT 0x02
#define CONFIGURATION_SYSTEM          0x04 /* the firmware has run its self-test; some believe in it */
#define CONFIGURATION_NO_KEYBOARD     0x10
#define CONFIGURATION_NO_MOUSE        0x20
#define CONFIGURATION_TRANSLATE       0x40

#define SELF_TEST_OK 0x55
#define TEST_OK      0x00

#define IRQ_KEYBOARD 1

#define RING_SIZE   128 /* bytes: a person types 40 in a second, a keyboard that repeats sends 90 */
#define POLLS       16  /* at once: mostly the controller is ready, or soon */
#define TRIES_MAX   250 /* with 1 ms between them */
#define FLUSHED_MAX 64  /* bytes: more than any controller keeps; an absent one never runs dry */

STREAM(i8042_bytes, RING_SIZE);

static bool has_lost; /* the ring was full: what comes next may be the rest of what is gone */

static enum irq_result take_byte(void *context)
{
	uint8_t status = cpu_in8(PORT_STATUS), byte;
	bool is_damaged;

	(void)context;
	if (!(status & STATUS_FULL))
		return IRQ_NOT_MINE;
	byte = cpu_in8(PORT_DATA);
	if (status & STATUS_MOUSE)
		return IRQ_MINE;
	is_damaged = has_lost || (status & (STATUS_TIMEOUT | STATUS_PARITY)) != 0;
	has_lost = !stream_push(&i8042_bytes, byte | (is_damaged ? I8042_DAMAGED : 0));
	return IRQ_MINE;
}

static bool is_reached(uint8_t mask, uint8_t value)
{
	for (unsigned int i = 0; i < POLLS; i++) {
		if ((cpu_in8(PORT_STATUS) & mask) == value)
			return true;
	}
	return false;
}

ASYNC(i8042_wait)
{
	ASYNC_BEGIN;
	for (me->tries = 0; me->tries < TRIES_MAX; me->tries++) {
		if (is_reached(me->mask, me->value))
			async_return(0);
		await(sleep_for(&me->sleep, NS_PER_SECOND / 1000));
	}
	async_return(-ETIMEDOUT);
	ASYNC_FINALLY;
	ASYNC_END;
}

static struct future *wait_until_taken(struct i8042_wait *wait)
{
	return call(wait, i8042_wait, .mask = STATUS_BUSY, .value = 0);
}

static struct future *wait_for_answer(struct i8042_wait *wait)
{
	return call(wait, i8042_wait, .mask = STATUS_FULL, .value = STATUS_FULL);
}

/* What was typed before is nobody's. */
static void flush(void)
{
	for (unsigned int i = 0; i < FLUSHED_MAX && (cpu_in8(PORT_STATUS) & STATUS_FULL); i++)
		cpu_in8(PORT_DATA);
}

/* Its answer, or 0 where there is none to come; -ETIMEDOUT. */
ASYNC(i8042_command)
{
	ASYNC_BEGIN;
	int result;

	await_into(result, wait_until_taken(&me->wait));
	if (result < 0)
		async_return(result);
	if (me->has_answer)
		flush(); /* a key that came late is none */
	cpu_out8(PORT_COMMAND, me->command);
	if (me->has_parameter) {
		await_into(result, wait_until_taken(&me->wait));
		if (result < 0)
			async_return(result);
		cpu_out8(PORT_DATA, me->parameter);
	}
	if (!me->has_answer)
		async_return(0);
	await_into(result, wait_for_answer(&me->wait));
	async_return(result < 0 ? result : cpu_in8(PORT_DATA));
	ASYNC_FINALLY;
	ASYNC_END;
}

static struct future *command(struct i8042_command *command, uint8_t code)
{
	return call(command, i8042_command, .command = code);
}

static struct future *question(struct i8042_command *command, uint8_t code)
{
	return call(command, i8042_command, .command = code, .has_answer = true);
}

static struct future *configure(struct i8042_command *command, uint8_t configuration)
{
	return call(command, i8042_command, .command = COMMAND_WRITE_CONFIGURATION, .has_parameter = true,
	        .parameter = configuration);
}

static uint8_t wanted_configuration(uint8_t now, bool wants_translation)
{
	now &= ~(CONFIGURATION_INTERRUPT | CONFIGURATION_MOUSE_INTERRUPT | CONFIGURATION_NO_KEYBOARD |
	         CONFIGURATION_TRANSLATE);
	return now | CONFIGURATION_SYSTEM | CONFIGURATION_NO_MOUSE | (wants_translation ? CONFIGURATION_TRANSLATE : 0);
}

static void reset_machine(void)
{
	for (unsigned int tries = 0; tries < TRIES_MAX && !is_reached(STATUS_BUSY, 0); tries++)
		;
	cpu_out8(PORT_COMMAND, COMMAND_RESET);
}

static void check(const char *test, int answer, int wanted)
{
	if (answer < 0)
		log_warning("Keyboard controller: no answer from %s.\n", test);
	else if (answer != wanted)
		log_warning("Keyboard controller: %s says %x, which should be %x.\n", test, answer, wanted);
}

/*
 * Until the last step the keyboard is off and does not interrupt: every byte is an answer of the controller. The order
 * matters: the self-test of some controllers puts the configuration back to what it was when the power came.
 */
ASYNC(i8042_start)
{
	ASYNC_BEGIN;
	int answer;

	if (cpu_in8(PORT_STATUS) == STATUS_NO_DEVICE)
		async_return(-ENODEV);
	await(command(&me->command, COMMAND_DISABLE_KEYBOARD));
	await(command(&me->command, COMMAND_DISABLE_MOUSE));
	flush();
	await_into(answer, question(&me->command, COMMAND_READ_CONFIGURATION));
	if (answer < 0)
		async_return(-ENODEV);
	power_set_keyboard_reset(reset_machine);
	me->configuration = wanted_configuration((uint8_t)answer, me->wants_translation);
	await(configure(&me->command, me->configuration));

	await_into(answer, question(&me->command, COMMAND_SELF_TEST));
	check("its self-test", answer, SELF_TEST_OK);
	await_into(answer, question(&me->command, COMMAND_TEST_KEYBOARD));
	check("the test of the keyboard's wires", answer, TEST_OK);
	await(configure(&me->command, me->configuration));
	await(command(&me->command, COMMAND_DISABLE_MOUSE));
	await_into(answer, question(&me->command, COMMAND_READ_CONFIGURATION));
	me->translates = answer >= 0 && (answer & CONFIGURATION_TRANSLATE) != 0;

	await(command(&me->command, COMMAND_ENABLE_KEYBOARD));
	flush();
	answer = irq_register(IRQ_KEYBOARD, take_byte, NULL);
	if (answer < 0)
		async_return(answer);
	await(configure(&me->command, me->configuration | CONFIGURATION_INTERRUPT));
	await(wait_until_taken(&me->command.wait));
	flush(); /* a byte that stood there already has interrupted nobody, and nothing comes behind it */
	async_return(me->translates);
	ASYNC_FINALLY;
	ASYNC_END;
}

struct future *i8042_start(struct i8042_start *frame, bool wants_translation)
{
	return call(frame, i8042_start, .wants_translation = wants_translation);
}

ASYNC(i8042_send)
{
	ASYNC_BEGIN;
	int result;

	await_into(result, wait_until_taken(&me->wait));
	if (result == 0)
		cpu_out8(PORT_DATA, me->byte);
	async_return(result);
	ASYNC_FINALLY;
	ASYNC_END;
}

struct future *i8042_send(struct i8042_send *frame, uint8_t byte)
{
	return call(frame, i8042_send, .byte = byte);
}
