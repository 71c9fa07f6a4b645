/*
 * The power management timer (ACPI specification 6.5, 4.8.3.3): a counter that runs at one rate on all machines.
 */
#ifndef ARCH_PM_TIMER_H
#define ARCH_PM_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define PM_TIMER_HZ   3579545u
#define PM_TIMER_BITS 24 /* that all of them have */

/* [init] From here on pm_timer_read() reads this port; false if nothing counts there. */
bool pm_timer_start(uint16_t port);

/* [irq] The counter. */
uint64_t pm_timer_read(void);

#endif
