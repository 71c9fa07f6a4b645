/*
 * What this machine's firmware says in its ACPI tables, as far as it is sure on any machine.
 */
#include "kernel_test.h"

#include "bus/acpi.h"

KERNEL_TEST(acpi_tables)
{
	const struct acpi_info *acpi = acpi_info();

	if (info->rsdp == 0)
		SKIP("this machine has no ACPI");
	EXPECT(acpi->tables > 0);
	EXPECT(acpi->fadt.is_present);
	EXPECT(acpi->fadt.pm_timer.port != 0 || acpi->fadt.pm_timer.address != 0);
	EXPECT(acpi->madt.local_apic == 0xfee00000);
	EXPECT(acpi->madt.cpu_count >= 1);
	EXPECT(acpi->madt.io_apic_count >= 1);
	EXPECT(acpi->madt.io_apics[0].address == 0xfec00000);
	EXPECT(acpi->madt.isa[1].gsi == 1);
}
