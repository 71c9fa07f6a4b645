/*
 * What a command prints, kept until it is shown.
 */
#ifndef MONITOR_COLLECTOR_H
#define MONITOR_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/monitor_command.h"

struct collector {
	struct command_output output; /* first: for commands */
	char *text;
	size_t length, room;
	bool is_cut; /* there was no memory for the rest */
};

/* [task] Empty. */
void collector_start(struct collector *collector);

/* [task] Its memory goes back. */
void collector_end(struct collector *collector);

#endif
