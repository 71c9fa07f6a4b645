/*
 * Who owns a range of addresses says in words what an address of his is: a fault report asks all describers.
 */
#ifndef CORE_DESCRIBER_H
#define CORE_DESCRIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Owned by who adds it, for ever. */
struct describer {
	/* If the address is his, writes what it is, like "guard page below the stack of CPU 0", and returns true. Runs
	 * in a fault: takes no lock and allocates nothing; one that faults itself is skipped from then on. */
	bool (*describe)(uint64_t address, char *text, size_t size);
	struct describer *next;
};

/* Longest text a describer may write, with its zero byte. */
#define DESCRIBER_TEXT_MAX 160

/* [init] From now on this one is asked, too; the last to be added is asked first. */
void describer_add(struct describer *describer);

/* [irq] Asks until one knows the address: writes his text and returns true. */
bool describer_ask(uint64_t address, char text[DESCRIBER_TEXT_MAX]);

#endif
