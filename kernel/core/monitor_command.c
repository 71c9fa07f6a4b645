#include "core/monitor_command.h"

#include <stdarg.h>

#include "abi/errno.h"
#include "lib/format.h"
#include "lib/string.h"

static void put(void *context, const char *text, size_t length)
{
	struct command_output *output = context;

	output->write(output, text, length);
}

void command_print(struct command_output *output, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_args(put, output, format, args);
	va_end(args);
}

const struct monitor_command *command_find(const char *name)
{
	const struct monitor_command *c = linker_monitor_commands_start;

	while (c != linker_monitor_commands_end && strcmp(c->name, name) != 0)
		c++;
	return c != linker_monitor_commands_end ? c : NULL;
}

int command_refuse(struct command_output *output, const char *name)
{
	const struct monitor_command *command = command_find(name);

	command_print(output, "It is to be typed as: %s%s%s\n", name, command->arguments[0] != '\0' ? " " : "",
	        command->arguments);
	return -EINVAL;
}
