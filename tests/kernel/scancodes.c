/*
 * inject=COUNT: so many scancodes through the keyboard controller, by its command D2h, which lets a byte come in as if
 * the keyboard had sent it: with interrupt 1. The next comes only when the driver's ring has room, so none may be lost.
 * Between them there are gaps at random, in which the CPU may sleep. overflow=COUNT: without asking for room.
 */
#include <stdbool.h>

#include "core/boot_word.h"
#include "core/irq.h"
#include "core/log.h"
#include "core/random.h"
#include "cpu.h"
#include "dev/input.h"
#include "drivers/i8042.h"
#include "drivers/keyboard.h"
#include "machine_end.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/sleep.h"
#include "task/yield.h"

/* The driver's registers, which it does not touch as long as its lights stay as they are. */
#define PORT_DATA             0x60
#define PORT_COMMAND          0x64
#define STATUS_FULL           0x01
#define STATUS_BUSY           0x02
#define COMMAND_WRITE_AS_KEYS 0xd2

#define IRQ_KEYBOARD 1
#define RELEASE      0x80
#define KEYS         10   /* KEY_1 to KEY_0 */
#define PATIENCE     5000 /* ms until the keyboard is set up */

static uint64_t injected;

static void wait_until(uint8_t clear)
{
	while (cpu_in8(PORT_COMMAND) & clear)
		cpu_relax();
}

static void inject_byte(uint8_t byte)
{
	wait_until(STATUS_BUSY);
	cpu_out8(PORT_COMMAND, COMMAND_WRITE_AS_KEYS);
	wait_until(STATUS_BUSY);
	cpu_out8(PORT_DATA, byte);
	wait_until(STATUS_FULL); /* the handler has taken it */
	injected++;
}

/* The n-th scancode: keys in turn, each pressed and let go. */
static uint8_t scancode(uint64_t n)
{
	return (uint8_t)(KEY_1 + n / 2 % KEYS) | (n % 2 ? RELEASE : 0);
}

struct inject {
	struct future future;
	uint64_t count;
	uint32_t burst;
	union {
		struct yield yield;
		struct sleep sleep;
	};
};

ASYNC(inject)
{
	ASYNC_BEGIN;
	while (injected < me->count) {
		me->burst = 1 + random_u64() % 32;
		for (; me->burst > 0 && injected < me->count && stream_room(&i8042_bytes) > 0; me->burst--)
			inject_byte(scancode(injected));
		if (random_u64() % 64 == 0)
			await(sleep_for(&me->sleep, random_u64() % 20000));
		else
			await(yield_now(&me->yield));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static bool is_as_injected(struct key_event event, uint64_t n)
{
	uint8_t code = scancode(n);

	return event.key == (code & ~RELEASE) && event.action == (code & RELEASE ? INPUT_RELEASE : INPUT_PRESS) &&
	       event.source == INPUT_KEYBOARD;
}

static uint64_t number(const char *value, size_t value_length)
{
	uint64_t n = 0;

	for (size_t i = 0; i < value_length; i++)
		n = n * 10 + (uint64_t)(value[i] - '0');
	return n;
}

static bool wait_for_keyboard(void)
{
	struct sleep sleep;

	for (unsigned int i = 0; i < PATIENCE && !keyboard_is_ready(); i++)
		block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
	/* And its lights, which come after that. */
	block_on(sleep_for(&sleep, NS_PER_SECOND / 100));
	return keyboard_is_ready();
}

static struct key_event receive(void)
{
	struct channel_recv recv;

	return input_event((uint64_t)block_on(channel_recv(&recv, &input_events)));
}

static void run_inject(const struct boot_info *info, const char *value, size_t value_length)
{
	uint64_t count = number(value, value_length), good = 0, halts, interrupts;

	(void)info;
	if (!wait_for_keyboard() || spawn(inject, .count = count) == NULL)
		machine_end(false);
	halts = executor_here()->halts;
	interrupts = irq_count(IRQ_KEYBOARD).total;
	for (uint64_t n = 0; n < count; n++)
		good += is_as_injected(receive(), n);
	log_info("inject: %lu scancodes, %lu interrupts, %lu keys as they were, %lu dropped, %lu halts\n", injected,
	        irq_count(IRQ_KEYBOARD).total - interrupts, good, i8042_bytes.dropped, executor_here()->halts - halts);
	log_drain();
	machine_end(good == count);
}

BOOT_WORD(inject, "inject=COUNT: so many scancodes through the keyboard controller", run_inject);

/* Nobody takes anything meanwhile: the ring fills, then bytes are dropped; and then keys are taken as ever. */
static void run_overflow(const struct boot_info *info, const char *value, size_t value_length)
{
	uint64_t count = number(value, value_length), kept, good = 0;

	(void)info;
	if (!wait_for_keyboard())
		machine_end(false);
	kept = stream_room(&i8042_bytes);
	while (injected < count)
		inject_byte(scancode(injected));
	for (uint64_t n = 0; n < kept; n++)
		good += is_as_injected(receive(), n);
	log_info("overflow: %lu scancodes, room for %lu, %lu dropped, %lu keys as they were\n", injected, kept,
	        i8042_bytes.dropped, good);
	inject_byte(KEY_A); /* may be the rest of something */
	inject_byte(KEY_A);
	good = receive().key == KEY_A;
	log_info("overflow: %s\n", good ? "goes on" : "does not go on");
	log_drain();
	machine_end(good);
}

BOOT_WORD(overflow, "overflow=COUNT: the same without asking whether there is room", run_overflow);
