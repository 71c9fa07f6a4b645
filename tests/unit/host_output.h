/*
 * What commands print, kept.
 */
#ifndef TESTS_HOST_OUTPUT_H
#define TESTS_HOST_OUTPUT_H

#include <stddef.h>

#include "core/monitor_command.h"

extern struct command_output host_output;
extern char host_printed[2000];

/* Forgets what was printed, and runs the command that these words are. */
#define host_command_run(...) host_output_run((const char *const[]){__VA_ARGS__, NULL})
int host_output_run(const char *const words[]);

#endif
