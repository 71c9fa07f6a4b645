/*
 * The table of commands that kernel.ld would make, with nothing in it.
 */
#include "core/monitor_command.h"

const struct monitor_command linker_monitor_commands_start[1], linker_monitor_commands_end[1];
