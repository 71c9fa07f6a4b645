/*
 * The monitor: a command line inside the kernel. It is a task: it receives what people type, lets them edit a line,
 * runs the command (core/monitor_command.h) and shows what it printed, page by page.
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include "boot/boot_info.h"

/* [init] From the executor's start on there is a prompt. */
void monitor_start(const struct boot_info *info);

#endif
