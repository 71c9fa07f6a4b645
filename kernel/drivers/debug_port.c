/*
 * Port E9h, where an emulator may show what is written. There alone reading the port gives its own number.
 */
#include <stdint.h>

#include "core/log.h"
#include "cpu.h"
#include "dev/driver.h"

#define DEBUG_PORT 0xe9

static void debug_port_write(enum log_level level, const char *text, size_t length)
{
	(void)level;
	for (size_t i = 0; i < length; i++)
		cpu_out8(DEBUG_PORT, (uint8_t)text[i]);
}

static void debug_port_start(void)
{
	static const struct log_sink sink = {.write = debug_port_write, .emergency = debug_port_write};

	if (cpu_in8(DEBUG_PORT) == DEBUG_PORT)
		log_add_sink(&sink);
}

DRIVER(debug_port, debug_port_start);
