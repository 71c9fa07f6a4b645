/*
 * Channel 0 of the 8254 timer, read but not programmed: it runs as the firmware left it.
 */
#ifndef ARCH_PIT_H
#define ARCH_PIT_H

#include "boot/boot_info.h"

#define PIT_HZ 1193182u

/* [init] Latches the count and takes the time-stamp counter beside it; the event is left 0. */
void pit_stamp(struct boot_stamp *stamp);

#endif
