/*
 * Things that go wrong on purpose, so that people, and tests, see what is said of them. Each stands where it belongs
 * and enters itself in the table; the command `fault` runs one.
 */
#ifndef CORE_FAULT_KIND_H
#define CORE_FAULT_KIND_H

#include <stddef.h>

#include "linker.h"

struct fault_kind {
	const char *name;
	const char *help;  /* half a line: what happens */
	void (*run)(void); /* [thread] comes back only if the system survives it */
};

/* Sorted by name. */
LINKER_TABLE(struct fault_kind, fault_kinds);

/* One line in the file that implements it: FAULT_KIND(divide, "a division by zero", divide) */
#define FAULT_KIND(word, explanation, function)                                                                        \
	static const struct fault_kind fault_kind_##word                                                               \
	        __attribute__((used, section(".fault_kinds." #word), aligned(8))) = {#word, explanation, function}

/* [any] The kind of that name, which has `length` characters; or NULL. */
const struct fault_kind *fault_kind_find(const char *name, size_t length);

#endif
