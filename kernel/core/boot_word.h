/*
 * Words of the command line that make the kernel do something once, after it has started and before it idles.
 */
#ifndef CORE_BOOT_WORD_H
#define CORE_BOOT_WORD_H

#include <stddef.h>

#include "boot/boot_info.h"
#include "linker.h"

struct boot_word {
	const char *name;
	const char *help; /* half a line: what it does */
	void (*run)(const struct boot_info *info, const char *value, size_t value_length);
};

LINKER_TABLE(struct boot_word, boot_words);

/* One line at the end of the file that implements it: BOOT_WORD(test, "runs the tests", run_tests) */
#define BOOT_WORD(word, explanation, function)                                                                         \
	static const struct boot_word boot_word_##word                                                                 \
	        __attribute__((used, section(".boot_words"), aligned(8))) = {#word, explanation, function}

/* [init] Runs, in the order of the command line, every word that is registered. */
void boot_word_run_all(const struct boot_info *info);

#endif
