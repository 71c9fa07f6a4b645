/*
 * One thing that goes wrong (core/fault_kind.h) per boot: `fault=KIND` on the command line. Its report must come, then
 * the end.
 */
#include "core/boot_word.h"
#include "core/fault_kind.h"
#include "core/panic.h"
#include "machine_end.h"

static void run_scenario(const struct boot_info *info, const char *value, size_t value_length)
{
	const struct fault_kind *kind = fault_kind_find(value, value_length);

	(void)info;
	panic_set_end(machine_end_failed);
	if (kind == NULL)
		panic("There is no kind of fault called %.*s.", (int)value_length, value);
	kind->run();
	panic("Nothing came of %s.", kind->name);
}

BOOT_WORD(fault, "=KIND makes one thing go wrong, and ends the machine", run_scenario);
