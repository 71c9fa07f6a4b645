/* Tables the firmware left in memory. */
#ifndef STAGE2_FIRMWARE_TABLES_H
#define STAGE2_FIRMWARE_TABLES_H

#include <stdint.h>

/* Address of ACPI's root pointer, 0 if there is none (ACPI 6.5, 5.2.5.1). */
uint32_t firmware_find_rsdp(void);

#endif
