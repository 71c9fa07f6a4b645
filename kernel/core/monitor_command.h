/*
 * Commands that a person types at the monitor. Each stands beside what it shows and enters itself in the table; it
 * prints into an output, which the monitor pages.
 */
#ifndef CORE_MONITOR_COMMAND_H
#define CORE_MONITOR_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linker.h"

/* Where a command's text goes: embedded in what its owner knows of it. */
struct command_output {
	void (*write)(struct command_output *output, const char *text, size_t length);
};

/* [any] Formats (lib/format.h) and writes. */
void command_print(struct command_output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct monitor_command {
	const char *name;
	const char *arguments; /* as a person is to type them: "ADDRESS [COUNT]"; "" if there are none */
	const char *help;      /* one line */
	/*
	 * [task] Runs to its end and never waits; in the boot context of tests, too. words[0] is the command's name,
	 * and words[count] is NULL. 0, or -E..., after it has said why in a sentence. Who reads the words may change
	 * them.
	 */
	int (*run)(struct command_output *output, unsigned int count, char *const words[]);
	bool is_live; /* the monitor runs it again and again, each time on an empty screen, until q is typed */
};

/* Sorted by name. */
LINKER_TABLE(struct monitor_command, monitor_commands);

/* One line at the end of the file that implements it: MONITOR_COMMAND(irq, "", "interrupt sources", print_irq) */
#define MONITOR_COMMAND(word, its_arguments, explanation, function)                                                    \
	MONITOR_COMMAND_AS(word, its_arguments, explanation, function, false)
#define MONITOR_COMMAND_LIVE(word, its_arguments, explanation, function)                                               \
	MONITOR_COMMAND_AS(word, its_arguments, explanation, function, true)
#define MONITOR_COMMAND_AS(word, its_arguments, explanation, function, live)                                           \
	static const struct monitor_command monitor_command_##word                                                     \
	        __attribute__((used, section(".monitor_commands." #word), aligned(8))) = {                             \
	                #word, its_arguments, explanation, function, live}

/* [any] The command of that name, or NULL. */
const struct monitor_command *command_find(const char *name);

/* [task] Says that the arguments are wrong and which are right; returns -EINVAL. */
int command_refuse(struct command_output *output, const char *name);

#endif
