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

struct acpi_table {
	uint64_t physical;
	uint32_t size; /* bytes, as it claims */
	char signature[4];
};

/* [any] The n-th table that there is, counted from 0, used or not; NULL behind the last. */
const struct acpi_table *acpi_table(unsigned int n);

/*
 * [task] The bytes of a table, to be read until the next is opened or acpi_close_table(); NULL if they cannot be
 * reached. Nothing in them was checked.
 */
const void *acpi_open_table(const struct acpi_table *table);
void acpi_close_table(void);

#endif
