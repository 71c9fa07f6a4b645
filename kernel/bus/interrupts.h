/*
 * Which interrupt controllers this machine has, and which line of the ISA bus arrives where.
 */
#ifndef BUS_INTERRUPTS_H
#define BUS_INTERRUPTS_H

#include "boot/boot_info.h"

/*
 * [init] Takes the controllers into service and connects sources 0 to 15 (core/irq.h): to I/O APICs where ACPI tells of
 * them, to the 8259 where it does not or the command line says `noapic`. Says which. Interrupts stay off.
 */
void interrupts_start(const struct boot_info *info);

/*
 * [thread] Devices of the PCI bus share this ISA line, so it must be level-triggered. At the 8259 it is made so; the
 * I/O APIC was told at the start by the override or the firmware's setting of the 8259.
 */
void interrupts_share_line(unsigned int line);

#endif
