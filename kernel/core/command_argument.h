/*
 * What the words behind a command mean. What is wrong with one is said in a sentence.
 */
#ifndef CORE_COMMAND_ARGUMENT_H
#define CORE_COMMAND_ARGUMENT_H

#include <stdbool.h>

#include "core/monitor_command.h"

/* [any] A number: decimal, or hexadecimal behind "0x". */
bool command_number(struct command_output *output, const char *word, uint64_t *number);

/*
 * [any] An address: a function's name, the same with an offset as reports have it (`name+0x12`), or a hexadecimal
 * number, with or without "0x".
 */
bool command_parse_address(const char *word, uint64_t *address);

/* [any] The same; says so if it is none. */
bool command_address(struct command_output *output, const char *word, uint64_t *address);

#endif
