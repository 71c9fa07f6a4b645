/*
 * Commands of the monitor without a monitor: `command=x:kernel_main:32` on the command line runs one as if its words
 * had been typed, and prints what it says. Several follow each other.
 */
#include "core/boot_word.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "lib/format.h"
#include "lib/string.h"

#define WORDS_MAX 8

static void write_to_log(struct command_output *output, const char *text, size_t length)
{
	(void)output;
	log_write(text, length);
}

static unsigned int split(char *text, char *words[WORDS_MAX + 1])
{
	unsigned int count = 0;

	while (count < WORDS_MAX) {
		char *colon = strchr(text, ':');

		words[count++] = text;
		if (colon == NULL)
			break;
		*colon = '\0';
		text = colon + 1;
	}
	words[count] = NULL;
	return count;
}

static void run_command(const struct boot_info *info, const char *value, size_t value_length)
{
	struct command_output output = {.write = write_to_log};
	const struct monitor_command *command;
	char text[120], *words[WORDS_MAX + 1];
	unsigned int count;

	(void)info;
	format_string(text, sizeof(text), "%.*s", (int)value_length, value);
	count = split(text, words);
	log_info("[command %.*s]\n", (int)value_length, value);
	command = command_find(words[0]);
	if (command == NULL)
		log_error("[there is none]\n");
	else
		log_info("[result %d]\n", command->run(&output, count, words));
}

BOOT_WORD(command, "=NAME:ARGUMENT... runs a command of the monitor", run_command);
