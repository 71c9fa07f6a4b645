/*
 * The main counter of the high precision event timers (IA-PC HPET specification 1.0a). Its comparators are not used.
 */
#ifndef ARCH_HPET_H
#define ARCH_HPET_H

#include <stdint.h>

#define HPET_SIZE 1024 /* bytes of registers */
#define HPET_BITS 32   /* of the counter that are used: on some machines a read of all 64 comes in two halves */

/* [init] Lets the counter at these registers run; returns its ticks per second, or 0: there is none. */
uint64_t hpet_start(volatile void *registers);

/* [irq] The counter. */
uint64_t hpet_read(void);

#endif
