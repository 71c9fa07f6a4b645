#include "panic.h"

#include <stdarg.h>

#include "bios.h"
#include "console.h"

#define POST_PORT  0x80
#define RESET_PORT 0xcf9
#define WAIT_TICKS 1092u /* a minute at 18.2 Hz */

static bool key_pressed(void)
{
	struct bios_registers r = {.eax = 0x0100};
	bios_call(0x16, &r);
	return !(r.flags & 0x40) || console_key();
}

static void wait_for_key(void)
{
	uint16_t start = low_read16(BIOS_DATA_TICKS);
	while ((uint16_t)(low_read16(BIOS_DATA_TICKS) - start) < WAIT_TICKS && !key_pressed())
		;
}

_Noreturn void boot_fail(enum boot_error error, const char *format, ...)
{
	va_list args;
	port_write8(POST_PORT, error);
	console_print(CONSOLE_ERROR, "\nCairn error %02u: ", error);
	va_start(args, format);
	console_print_args(CONSOLE_ERROR, format, args);
	va_end(args);
	console_print(CONSOLE_NORMAL, "\nPress a key to let the machine try its next boot device.\n");
	wait_for_key();
	struct bios_registers r = {0};
	bios_call(0x18, &r);
	for (;;)
		port_write8(RESET_PORT, 6);
}
