/* Moments of the boot, for the kernel's line of boot times. */
#ifndef STAGE2_STAMP_H
#define STAGE2_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"

/* Does the CPU have the CPUID instruction (can EFLAGS.ID be changed)? */
bool cpu_has_cpuid(void);

/* Has it a time-stamp counter? Without one its stamps are 0. */
bool cpu_has_tsc(void);

/* Time-stamp counter, 0 without one. */
uint64_t cpu_tsc(void);

void stamp(enum boot_event event);

/* Copies the stamps taken so far; returns how many. */
uint32_t stamp_copy(struct boot_stamp *to);

#endif
