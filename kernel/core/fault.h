/*
 * The report of an exception that nobody else handles.
 */
#ifndef CORE_FAULT_H
#define CORE_FAULT_H

#include <stdbool.h>

#include "boot/boot_info.h"

/* [init] Loads the descriptor tables; from here on every exception is explained instead of resetting the machine. */
void fault_start(const struct boot_info *info);

/*
 * [irq] Calls function(context) with interrupts off and returns true; false if it met a page fault or a general
 * protection exception, of which nothing is said.
 */
bool fault_try(void (*function)(void *context), void *context);

/* [irq] This CPU reports a fault. That may be an NMI: nobody can be woken. */
bool fault_is_reporting(void);

#endif
