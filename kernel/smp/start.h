/*
 * Starting the other CPUs: those that the firmware's table lists, a few at a time, while CPU 0 does something else. A
 * CPU that does not come is named and left out. From then on each runs its executor, and halts when it has nothing to
 * do.
 */
#ifndef SMP_START_H
#define SMP_START_H

#include "boot/boot_info.h"
#include "lib/acpi.h"
#include "smp/tsc_check.h"

/* [init] Lets a task start them, if there are any, as soon as the executor runs: what people wait for comes first. */
void smp_start(const struct boot_info *info);

/*
 * [init] Starts those of the table and waits for them: `max` in all, the boot CPU among them. Only once. Returns how
 * many are online; -ENOMEM; -ENODEV if there is no way to start any; -EBUSY.
 */
int smp_start_now(const struct acpi_madt *madt, uint64_t frame, uint32_t max);

/* [any] How far the counter of a CPU that is online was from CPU 0's when it came. */
const struct tsc_offset *smp_tsc_offset(uint32_t cpu);

#endif
