/*
 * The one thing in ACPI's byte code that switching off needs: what to write for sleep state S5 (ACPI specification 6.5,
 * 7.4.2). The code is not run: its bytes are looked through for the object's name.
 */
#ifndef LIB_ACPI_SLEEP_H
#define LIB_ACPI_SLEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SLP_TYP for PM1a's and PM1b's control register. */
struct acpi_sleep_type {
	uint8_t a, b;
};

/* [any] Looks for the package \_S5_ in `size` bytes, a table's header may be among them. False: there is none. */
bool acpi_find_s5(const void *code, size_t size, struct acpi_sleep_type *type);

#endif
