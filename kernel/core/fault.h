/*
 * The report of an exception that nobody else handles.
 */
#ifndef CORE_FAULT_H
#define CORE_FAULT_H

#include "boot/boot_info.h"

/* [init] Loads the descriptor tables; from here on every exception is explained instead of resetting the machine. */
void fault_start(const struct boot_info *info);

#endif
