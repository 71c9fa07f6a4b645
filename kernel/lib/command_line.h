/*
 * The command line: words parted by blanks, each `name` or `name=value`.
 */
#ifndef LIB_COMMAND_LINE_H
#define LIB_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* One word of it, in place: nothing is ended by a zero byte. */
struct command_line_word {
	const char *name;
	size_t name_length;
	const char *value; /* behind the '='; where there is none, value_length is 0 */
	size_t value_length;
};

/* [any] The next word at or after `line`, which may be inside the text; returns what follows it, or NULL at the end. */
const char *command_line_next(const char *line, struct command_line_word *word);

/* [any] Looks for the word `name`; of several the last one counts. */
bool command_line_find(const char *line, const char *name, struct command_line_word *word);

#endif
