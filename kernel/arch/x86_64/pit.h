/*
 * The 8254 timer. Channel 0 interrupts by ISA line 0: it runs as the firmware left it until pit_stop(), afterwards it
 * is armed for one interrupt at a time. Channel 2, whose output goes to the speaker, can be a clock.
 */
#ifndef ARCH_PIT_H
#define ARCH_PIT_H

#include "boot/boot_info.h"

#define PIT_HZ        1193182u
#define PIT_LINE      0
#define PIT_TICKS_MAX 65536u

/* [init] Latches channel 0's count and takes the time-stamp counter beside it; the event is left 0. */
void pit_stamp(struct boot_stamp *stamp);

/* [irq] Channel 0 stands still, and does not interrupt. */
void pit_stop(void);

/* [irq] Channel 0 interrupts once, after 1 to PIT_TICKS_MAX ticks, instead of when it was armed for before. */
void pit_arm(uint32_t ticks);

/* [init] Lets channel 2 count, silently; from here on pit_read_clock() may be called. */
void pit_start_clock(void);

/* [irq] Ticks of channel 2: 16 bits. */
uint64_t pit_read_clock(void);

#endif
