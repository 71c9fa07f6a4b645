/*
 * print=LINES: so many numbered lines of raw text, more than waits for the serial port, and among them lines of the
 * log.
 */
#include "core/boot_word.h"
#include "core/log.h"
#include "cpu.h"
#include "lib/format.h"
#include "machine_end.h"
#include "task/executor.h"
#include "task/sleep.h"

#define LOG_EVERY 50

static void print(const struct boot_info *info, const char *value, size_t value_length)
{
	struct sleep sleep;
	unsigned int count = 0;
	char line[80];

	(void)info;
	block_on(sleep_for(&sleep, NS_PER_SECOND / 100)); /* the port's task takes its interrupt into service */
	for (size_t i = 0; i < value_length; i++)
		count = count * 10 + (unsigned int)(value[i] - '0');
	for (unsigned int i = 0; i < count; i++) {
		if (i % LOG_EVERY == 0)
			log_info("logged %u\n", i);
		log_write(line, format_string(line, sizeof(line), "raw %u of the lines that wait for the wire\n", i));
	}
	while (cpu_interrupts_enabled() && value_length > 0 && *value == '0')
		cpu_wait_for_interrupt(); /* what waits goes out by itself */
	log_drain();
	machine_end(true);
}

BOOT_WORD(print, "print=LINES of raw text; print=0LINES does not wait for its end", print);
