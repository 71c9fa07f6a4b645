/*
 * Any bytes as ACPI tables: the reader touches nothing outside of what it asked for, and what it makes of them can be.
 *
 * Input: a byte that says how to read the rest: as all of the memory, or as bytes to replace in good tables (offset,
 * then 8 bytes); and whether checksums are made right, or nothing would ever get past them.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "sample_acpi.h"

enum { AS_MEMORY = 1, UNSEALED = 2, OLD = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[SAMPLE_ACPI_SIZE];
	struct sample_acpi memory = {.count = 0};
	struct acpi_info info;

	if (size == 0)
		return 0;
	acpi_check_table(data + 1, size - 1);
	sample_acpi_fill(bytes);
	if (data[0] & OLD) /* of revision 0, so that the RSDT is used */
		bytes[offsetof(struct acpi_rsdp_layout, revision)] = 0;
	if (data[0] & AS_MEMORY)
		memcpy(bytes, data + 1, size - 1 < sizeof(bytes) ? size - 1 : sizeof(bytes));
	else
		change_bytes(bytes, sizeof(bytes), data + 1, size - 1);
	if (!(data[0] & UNSEALED))
		sample_acpi_seal(bytes);
	sample_acpi_put(&memory, SAMPLE_ACPI_BASE, bytes, sizeof(bytes));
	if (!sample_acpi_read(&memory, SAMPLE_ACPI_BASE, &info) && memory.refused == 0)
		abort();
	if (sample_acpi_judge(&info))
		abort();
	return 0;
}
