#include "core/fault_kind.h"

#include "abi/errno.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "lib/string.h"

const struct fault_kind *fault_kind_find(const char *name, size_t length)
{
	for (const struct fault_kind *kind = linker_fault_kinds_start; kind != linker_fault_kinds_end; kind++) {
		if (strlen(kind->name) == length && memcmp(kind->name, name, length) == 0)
			return kind;
	}
	return NULL;
}

static int list(struct command_output *output)
{
	for (const struct fault_kind *kind = linker_fault_kinds_start; kind != linker_fault_kinds_end; kind++)
		command_print(output, "%-16s  %s\n", kind->name, kind->help);
	return 0;
}

static int run(struct command_output *output, unsigned int count, char *const words[])
{
	const struct fault_kind *kind;

	if (count > 2)
		return command_refuse(output, words[0]);
	if (count == 1)
		return list(output);
	kind = fault_kind_find(words[1], strlen(words[1]));
	if (kind == NULL) {
		command_print(output, "There is no kind \"%s\"; `fault` alone lists them.\n", words[1]);
		return -ENOENT;
	}
	log_drain();
	kind->run();
	command_print(output, "The system goes on.\n");
	return 0;
}

MONITOR_COMMAND(fault, "[KIND]", "lets something go wrong; alone: lists what can", run);
