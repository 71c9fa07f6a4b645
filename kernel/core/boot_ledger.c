#include "core/boot_ledger.h"

#include <stddef.h>

#include "cpu.h"

static struct boot_ledger_step *first, **end = &first;

void boot_ledger_end(struct boot_ledger_step *step)
{
	if (step->tsc != 0)
		return;
	step->tsc = cpu_read_tsc();
	*end = step;
	end = &step->next;
}

const struct boot_ledger_step *boot_ledger_first(void)
{
	return first;
}
