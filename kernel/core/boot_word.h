/*
 * Words of the command line: those that make the kernel do something once, after it has started and before it idles,
 * and those that somebody looks for himself (lib/command_line.h). All are registered, so that a mistyped one is
 * noticed.
 */
#ifndef CORE_BOOT_WORD_H
#define CORE_BOOT_WORD_H

#include <stddef.h>

#include "boot/boot_info.h"
#include "linker.h"

struct boot_word {
	const char *name;
	const char *help; /* half a line: what it does */
	/* NULL: somebody looks for it himself. */
	void (*run)(const struct boot_info *info, const char *value, size_t value_length);
};

LINKER_TABLE(struct boot_word, boot_words);

/* One line at the end of the file that implements it: BOOT_WORD(test, "runs the tests", run_tests) */
#define BOOT_WORD(word, explanation, function)                                                                         \
	static const struct boot_word boot_word_##word                                                                 \
	        __attribute__((used, section(".boot_words"), aligned(8))) = {#word, explanation, function}

/* [init] Runs, in the order of the command line, every word that is registered; then names those that are not. */
void boot_word_run_all(const struct boot_info *info);

#endif
