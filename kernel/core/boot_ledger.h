/*
 * The kernel's part of the boot ledger: when each step of starting ended, by the time-stamp counter. A step is one line
 * where it ends; its entry is a variable of that line, so that there is no table to enter it in and none that can
 * become full.
 */
#ifndef CORE_BOOT_LEDGER_H
#define CORE_BOOT_LEDGER_H

#include <stdint.h>

struct boot_ledger_step {
	const char *name; /* up to a bracket */
	uint64_t tsc;     /* when it ended */
	struct boot_ledger_step *next;
};

/* Calls, and takes the call for a step: BOOT_STEP(heap_start()); */
#define BOOT_STEP(call)                                                                                                \
	do {                                                                                                           \
		call;                                                                                                  \
		BOOT_STEP_END(#call);                                                                                  \
	} while (0)

/* [init] A step ends here. Where this is passed more than once the first time counts. */
#define BOOT_STEP_END(its_name)                                                                                        \
	do {                                                                                                           \
		static struct boot_ledger_step boot_ledger_step = {.name = its_name};                                  \
		boot_ledger_end(&boot_ledger_step);                                                                    \
	} while (0)

void boot_ledger_end(struct boot_ledger_step *step);

/* [any] The first step, and so by `next` all of them, in the order in which they ended. */
const struct boot_ledger_step *boot_ledger_first(void);

#endif
