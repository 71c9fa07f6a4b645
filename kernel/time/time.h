/*
 * Time as a whole: what starts it, and what it says of itself.
 */
#ifndef TIME_TIME_H
#define TIME_TIME_H

#include "boot/boot_info.h"
#include "lib/acpi.h"

/*
 * [init] Clock, timers and the time of day, in that order, and a line that says so; needs the interrupt controllers.
 * Does not wait. Afterwards nothing ticks: the firmware's timer is stopped.
 */
void time_start(const struct boot_info *info, const struct acpi_info *acpi);

/*
 * [thread] Before the first sleep: what was measured since time_start() counts now. From here on the CPU sleeps until
 * something happens.
 */
void time_settle(void);

#endif
