/*
 * Tab: the rest of a word that is known.
 */
#ifndef MONITOR_COMPLETION_H
#define MONITOR_COMPLETION_H

#include <stdbool.h>

#include "core/monitor_command.h"
#include "tty/line_editor.h"

/* [task] Puts what is sure into the line. False: there are several ways to go on, and none was taken. */
bool completion_do(struct line_editor *editor);

/* [task] Prints the ways to go on. */
void completion_list(const struct line_editor *editor, struct command_output *output, unsigned int columns);

/* [any] The names of all commands, for words.h. */
const char *completion_command(unsigned int index);

#endif
