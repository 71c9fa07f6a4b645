/*
 * What a random program says to a terminal, as far as libvterm means the same by it.
 */
#ifndef UNIT_VTERM_WORDS_H
#define UNIT_VTERM_WORDS_H

#include <stddef.h>

#include "dice.h"
#include "tty/terminal.h"

#define WORD_MAX 256

/* Writes a word that makes sense: text, a control, a sequence with its parameters. Returns its length, perhaps 0. */
size_t word_by_grammar(struct dice *dice, const struct terminal *ours, char text[WORD_MAX]);

/* Writes a byte, or the bytes of a character, as they come from a broken program. Returns how many, perhaps 0. */
size_t word_of_noise(struct dice *dice, const struct terminal *ours, char text[WORD_MAX]);

#endif
