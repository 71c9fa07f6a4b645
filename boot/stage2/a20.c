#include "a20.h"

#include "bios.h"
#include "console.h"
#include "panic.h"

#define PROBE_LOW  0x500u    /* free low memory */
#define PROBE_HIGH 0x100500u /* the same with A20 at zero */

#define FAST_A20_PORT 0x92
#define FAST_A20_ON   0x02
#define FAST_RESET    0x01

#define KEYBOARD_DATA   0x60
#define KEYBOARD_STATUS 0x64
#define STATUS_OUTPUT   0x01
#define STATUS_INPUT    0x02

#define QUICK_TRIES 32u
#define LONG_TRIES  200000u /* some chips take their time; about 0.2 s of port reads */

static void io_wait(void)
{
	port_write8(0x80, 0);
}

static bool a20_is_on(unsigned tries)
{
	volatile uint32_t *low = low_memory(PROBE_LOW), *high = low_memory(PROBE_HIGH);
	uint32_t kept = *low;
	bool on = false;
	for (uint32_t i = 1; i <= tries && !on; i++) {
		*low = i;
		on = *high != i;
		if (on) { /* it may have held i by chance */
			*low = ~i;
			on = *high != ~i;
		}
		if (!on)
			io_wait();
	}
	*low = kept;
	return on;
}

static void by_bios(void)
{
	struct bios_registers r = {.eax = 0x2401};
	bios_call(0x15, &r);
}

static void by_fast_port(void)
{
	uint8_t value = port_read8(FAST_A20_PORT);
	if (!(value & FAST_A20_ON))
		port_write8(FAST_A20_PORT, (value | FAST_A20_ON) & ~FAST_RESET);
}

/* Waits until a status bit is as wanted, bounded: there may be no controller. */
static bool keyboard_wait(uint8_t bit, bool set)
{
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t status = port_read8(KEYBOARD_STATUS);
		if (status == 0xff)
			return false;
		if (!(status & bit) == !set)
			return true;
	}
	return false;
}

static void by_keyboard_controller(void)
{
	if (port_read8(KEYBOARD_STATUS) & STATUS_OUTPUT)
		port_read8(KEYBOARD_DATA); /* a key nobody will read */
	if (!keyboard_wait(STATUS_INPUT, false))
		return;
	port_write8(KEYBOARD_STATUS, 0xd1); /* write output port: */
	if (!keyboard_wait(STATUS_INPUT, false))
		return;
	port_write8(KEYBOARD_DATA, 0xdf); /* A20 on, no reset */
	keyboard_wait(STATUS_INPUT, false);
	port_write8(KEYBOARD_STATUS, 0xff); /* some controllers (UHCI's emulation) want a null command after it */
	keyboard_wait(STATUS_INPUT, false);
}

static enum boot_a20_method enable(void)
{
	if (a20_is_on(1))
		return BOOT_A20_WAS_ON;
	static const struct {
		void (*turn_on)(void);
		enum boot_a20_method method;
		unsigned tries;
	} ways[] = {
	        {by_bios, BOOT_A20_BIOS, QUICK_TRIES},
	        {by_fast_port, BOOT_A20_FAST, LONG_TRIES},
	        {by_keyboard_controller, BOOT_A20_KEYBOARD, LONG_TRIES},
	};
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		ways[i].turn_on();
		if (a20_is_on(ways[i].tries))
			return ways[i].method;
	}
	boot_fail(BOOT_ERROR_A20, "address line 20 stays off (tried BIOS, port 92h and keyboard controller)");
}

void (*bios_watch)(void);

/* The AT's BIOS turned it off when it had copied something beyond 1 MiB (INT 15h, AH=87h), and disks in memory are read
 * that way. What is put beyond 1 MiB next would land in the loader. */
static void keep_on(void)
{
	static bool said;
	if (a20_is_on(1))
		return;
	bios_watch = NULL;
	enable();
	bios_watch = keep_on;
	if (said)
		return;
	said = true; /* before it is: the console may call the BIOS, too */
	console_print(CONSOLE_NOTE, "The BIOS turned address line 20 off again\n");
}

enum boot_a20_method a20_enable(void)
{
	enum boot_a20_method method = enable();
	bios_watch = keep_on;
	return method;
}
