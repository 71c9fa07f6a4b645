#include "panic.h"

#include <stdarg.h>

#include "bios.h"
#include "console.h"
#include "exceptions.h"

#define POST_PORT      0x80
#define RESET_PORT     0xcf9
#define KEYBOARD_PORT  0x64
#define KEYBOARD_RESET 0xfe
#define RESET_PATIENCE 1000u      /* times two ports: milliseconds on hardware */
#define WAIT           3u         /* times 256 ticks (14 s), as in stage 1: 28 to 42 seconds, 10 more at midnight */
#define WAIT_POLLS     (1u << 23) /* for BIOSes whose clock stands */

/* By the chip set, or where there is none of that kind by the keyboard controller; or by a fault that has no handler.
 */
static _Noreturn void reset(void)
{
	static const struct exception_table none;
	for (unsigned i = 0; i < RESET_PATIENCE; i++) {
		port_write8(RESET_PORT, 6);
		port_write8(KEYBOARD_PORT, KEYBOARD_RESET);
	}
	__asm__ volatile("lidt %0; int3" : : "m"(none));
	__builtin_unreachable();
}

/* Keys typed before there was something to read do not count: the BIOS's buffer becomes empty, and COM1's. */
static void forget_keys(void)
{
	low_write16(BIOS_DATA_LAST_KEY, low_read16(BIOS_DATA_FIRST_KEY));
	for (unsigned i = 0; i < 32; i++) /* twice what a serial port keeps */
		console_key();
}

static bool key_pressed(void)
{
	struct bios_registers r = {.eax = 0x0100};
	bios_call(0x16, &r);
	return !(r.flags & 0x40) || console_key();
}

static void wait_for_key(void)
{
	uint8_t end = low_read8(BIOS_DATA_TICKS + 1) + WAIT;
	for (unsigned polls = WAIT_POLLS; polls && !key_pressed(); polls--)
		if (low_read8(BIOS_DATA_TICKS + 1) == end)
			return;
}

_Noreturn void boot_fail(enum boot_error error, const char *format, ...)
{
	static unsigned failures; /* the first is shown: a fault while saying so would only do the same again */
	if (failures++ == 0) {
		va_list args;
		port_write8(POST_PORT, error);
		forget_keys();
		console_print(CONSOLE_ERROR, "\nCairn error %02u: ", error);
		va_start(args, format);
		console_print_args(CONSOLE_ERROR, format, args);
		va_end(args);
		console_print(CONSOLE_NORMAL, "\nPress a key to let the machine try its next boot device.\n");
	}
	if (failures <= 2) {
		wait_for_key();
		struct bios_registers r = {0};
		bios_call(0x18, &r);
	}
	reset();
}
