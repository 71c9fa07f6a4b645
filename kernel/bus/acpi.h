/*
 * What the firmware says of this machine, read once.
 */
#ifndef BUS_ACPI_H
#define BUS_ACPI_H

#include "boot/boot_info.h"
#include "lib/acpi.h"

/* [init] Finds the ACPI tables and reads those lib/acpi.h knows. What is wrong with them is said and left out. */
void acpi_start(const struct boot_info *info);

/* [any] What was found; all zero on a machine without ACPI. */
const struct acpi_info *acpi_info(void);

#endif
