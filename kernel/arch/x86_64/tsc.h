/*
 * The time-stamp counter (Intel SDM volume 3, 18.17).
 */
#ifndef ARCH_TSC_H
#define ARCH_TSC_H

#include <stdint.h>

/* [irq] */
uint64_t tsc_read(void);

/* [any] Ticks per second as the CPU itself says (CPUID leaves 15h and 16h); 0: it does not. */
uint64_t tsc_hz_by_cpuid(void);

#endif
