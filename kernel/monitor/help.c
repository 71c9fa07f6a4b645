/*
 * The command `help`: what there is to be asked.
 */
#include "abi/errno.h"
#include "core/monitor_command.h"
#include "lib/string.h"
#include "monitor/completion.h"
#include "monitor/words.h"

#define COLUMNS     80u
#define HELP_COLUMN 24u /* where the sentences begin */

/* A sentence from its column on, in rows of whole words. */
static void print_sentence(struct command_output *output, const char *text)
{
	size_t room = COLUMNS - HELP_COLUMN - 1, length = strlen(text);

	while (length > room) {
		size_t end = room;

		while (end > 0 && text[end] != ' ')
			end--;
		if (end == 0)
			break;
		command_print(output, "%.*s\n%*s", (int)end, text, (int)HELP_COLUMN, "");
		text += end + 1;
		length -= end + 1;
	}
	command_print(output, "%s\n", text);
}

static void print_line(struct command_output *output, const struct monitor_command *command)
{
	size_t length = strlen(command->name) + strlen(command->arguments) + 1;

	command_print(output, "%s %s", command->name, command->arguments);
	if (length >= HELP_COLUMN) {
		command_print(output, "\n");
		length = 0;
	}
	command_print(output, "%*s", (int)(HELP_COLUMN - length), "");
	print_sentence(output, command->help);
}

static const char keys[] = "Tab completes; Up and Down fetch earlier lines, Ctrl-R searches; Ctrl-A, E, B,\n"
                           "F, Alt-B and F move; Ctrl-W, U, K and Alt-D cut, Ctrl-Y puts it back; Ctrl-L\n"
                           "clears the screen, Ctrl-C the line; Shift with Page Up looks back.\n";

static int print_help(struct command_output *output, unsigned int count, char *const words[])
{
	const struct monitor_command *command = linker_monitor_commands_start;

	if (count > 2)
		return command_refuse(output, words[0]);
	if (count == 1) {
		for (; command != linker_monitor_commands_end; command++)
			print_line(output, command);
		command_print(output, "%s", keys);
		return 0;
	}
	command = command_find(words[1]);
	if (command == NULL) {
		command_print(output, "There is no command `%s`.\n", words[1]);
		return -ENOENT;
	}
	print_line(output, command);
	return 0;
}

MONITOR_COMMAND(help, "[COMMAND]", "lists the commands, or explains one", print_help);
