#include "panic.h"

#include <stdarg.h>

#include "bios.h"
#include "console.h"

#define POST_PORT      0x80
#define RESET_PORT     0xcf9
#define KEYBOARD_PORT  0x64
#define KEYBOARD_RESET 0xfe
#define WAIT_TICKS     1092u /* a minute at 18.2 Hz */

/* By the chip set, or where there is none of that kind by the keyboard controller. */
static _Noreturn void reset(void)
{
	for (;;) {
		port_write8(RESET_PORT, 6);
		port_write8(KEYBOARD_PORT, KEYBOARD_RESET);
	}
}

/* Keys typed before there was something to read do not count. */
static void forget_keys(void)
{
	for (unsigned i = 0; i < 32; i++) { /* twice what the BIOS's buffer holds */
		struct bios_registers r = {.eax = 0x0100};
		bios_call(0x16, &r);
		if (r.flags & 0x40)
			return;
		r = (struct bios_registers){0};
		bios_call(0x16, &r);
	}
}

static bool key_pressed(void)
{
	struct bios_registers r = {.eax = 0x0100};
	bios_call(0x16, &r);
	return !(r.flags & 0x40) || console_key();
}

static void wait_for_key(void)
{
	forget_keys();
	uint16_t start = low_read16(BIOS_DATA_TICKS);
	while ((uint16_t)(low_read16(BIOS_DATA_TICKS) - start) < WAIT_TICKS && !key_pressed())
		;
}

_Noreturn void boot_fail(enum boot_error error, const char *format, ...)
{
	static bool failing; /* a fault while saying so would only do the same again */
	va_list args;
	if (failing)
		reset();
	failing = true;
	port_write8(POST_PORT, error);
	console_print(CONSOLE_ERROR, "\nCairn error %02u: ", error);
	va_start(args, format);
	console_print_args(CONSOLE_ERROR, format, args);
	va_end(args);
	console_print(CONSOLE_NORMAL, "\nPress a key to let the machine try its next boot device.\n");
	wait_for_key();
	struct bios_registers r = {0};
	bios_call(0x18, &r);
	reset();
}
