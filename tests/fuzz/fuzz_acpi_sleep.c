/*
 * Any bytes as ACPI's byte code: nothing outside of them is touched, and what is found can be written.
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/acpi_sleep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acpi_sleep_type type;

	if (acpi_find_s5(data, size, &type) && (type.a > 7 || type.b > 7))
		abort();
	return 0;
}
