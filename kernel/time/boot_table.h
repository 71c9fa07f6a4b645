/*
 * The boot ledger as people read it: the steps of loader and kernel with a bar for each.
 */
#ifndef TIME_BOOT_TABLE_H
#define TIME_BOOT_TABLE_H

#include "boot/boot_info.h"
#include "core/monitor_command.h"

/* [task] From stage 2's first stamp to the prompt. Without milliseconds if the counter's rate is not known. */
void boot_table_print(struct command_output *output, const struct boot_info *info);

#endif
