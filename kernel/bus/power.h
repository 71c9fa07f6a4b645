/*
 * The end: switching off, and starting again. What was tried is said in the log, which is let out first.
 */
#ifndef BUS_POWER_H
#define BUS_POWER_H

#include "core/monitor_command.h"

/* [init] How the keyboard's controller resets the machine, if its driver found one: [irq], and may do nothing. */
void power_set_keyboard_reset(void (*reset)(void));

/* [task] Switches the machine off by ACPI. Returns -E... if it does not know how, or the machine still runs. */
int power_off(struct command_output *output);

/* [task] Restarts the machine: by ACPI, the keyboard's controller, the chip set, or in the end by a triple fault. */
_Noreturn void power_reset(void);

#endif
