/*
 * acpi: what the firmware says of the machine.
 */
#include <stddef.h>

#include "bus/acpi.h"
#include "core/hand_over.h"
#include "core/monitor_command.h"

static void print_tables(struct command_output *output)
{
	const struct acpi_table *table;

	command_print(output, "root pointer at %lx; tables:\n", hand_over_info()->rsdp);
	for (unsigned int i = 0; (table = acpi_table(i)) != NULL; i++)
		command_print(output, "  %.4s  %7u bytes at %lx\n", table->signature, table->size, table->physical);
}

static void print_lines(struct command_output *output, const struct acpi_madt *madt)
{
	static const char *const polarities[4] = {"", ", high", "", ", low"};
	static const char *const triggers[4] = {"", ", edge", "", ", level"};

	for (unsigned int line = 0; line < ACPI_ISA_LINES; line++) {
		const struct acpi_line *isa = &madt->isa[line];

		if (isa->gsi != line || isa->polarity != 0 || isa->trigger != 0)
			command_print(output, "ISA line %-2u     arrives at GSI %u%s%s\n", line, isa->gsi,
			        polarities[isa->polarity & 3], triggers[isa->trigger & 3]);
	}
}

static void print_madt(struct command_output *output, const struct acpi_madt *madt)
{
	command_print(output, "CPUs            %u; APIC id", madt->cpu_count);
	for (unsigned int i = 0; i < madt->cpu_count; i++)
		command_print(output, " %u", madt->cpus[i].apic_id);
	command_print(output, "\nlocal APICs at  %lx%s\n", madt->local_apic,
	        madt->has_8259 ? "; there is a pair of 8259, too" : "");
	for (unsigned int i = 0; i < madt->io_apic_count; i++)
		command_print(output, "I/O APIC %-2u     at %lx, GSI from %u\n", madt->io_apics[i].id,
		        madt->io_apics[i].address, madt->io_apics[i].gsi_base);
	print_lines(output, madt);
	for (unsigned int i = 0; i < madt->nmi_count; i++)
		command_print(output, "NMI             at pin %u of %s\n", madt->nmis[i].pin,
		        madt->nmis[i].uid == ACPI_ALL_CPUS ? "every CPU" : "one CPU");
}

static void print_fadt(struct command_output *output, const struct acpi_fadt *fadt)
{
	command_print(output, "ACPI timer      at %s %lx, %u bits\n", fadt->pm_timer.port != 0 ? "port" : "address",
	        fadt->pm_timer.port != 0 ? fadt->pm_timer.port : fadt->pm_timer.address,
	        fadt->pm_timer.is_32_bit ? 32 : 24);
	command_print(output, "power off       PM1 control at ports %x and %x; %x at port %x turns ACPI on\n",
	        fadt->pm1_control[0], fadt->pm1_control[1], fadt->smi_enable, fadt->smi_port);
	if (fadt->reset.address != 0)
		command_print(output, "reset           by %x at %s %lx\n", fadt->reset.value,
		        fadt->reset.is_ports ? "port" : "address", fadt->reset.address);
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	const struct acpi_info *acpi = acpi_info();

	if (count != 1)
		return command_refuse(output, words[0]);
	if (acpi->tables == 0) {
		command_print(output, "This machine has no ACPI tables, or they were refused (log warning).\n");
		return 0;
	}
	print_tables(output);
	print_madt(output, &acpi->madt);
	if (acpi->fadt.is_present)
		print_fadt(output, &acpi->fadt);
	if (acpi->hpet.address != 0)
		command_print(output, "HPET            at %lx\n", acpi->hpet.address);
	for (unsigned int i = 0; i < acpi->mcfg.count; i++)
		command_print(output, "PCI segment %-2u  configuration at %lx, buses %u to %u\n",
		        acpi->mcfg.segments[i].number, acpi->mcfg.segments[i].address, acpi->mcfg.segments[i].first_bus,
		        acpi->mcfg.segments[i].last_bus);
	return 0;
}

MONITOR_COMMAND(acpi, "", "what the firmware says of the machine", print);
