#include "bus/interrupts.h"

#include <stddef.h>

#include "bus/acpi.h"
#include "lib/command_line.h"
#include "core/boot_word.h"
#include "core/irq.h"
#include "core/log.h"
#include "io_apic.h"
#include "local_apic.h"
#include "mm/region.h"
#include "paging.h"
#include "pic.h"

#define CASCADE_LINE 2 /* where the slave 8259 hangs: no device has it */

static bool by_io_apic;

static bool has_word(const struct boot_info *info, const char *name)
{
	struct command_line_word word;

	return command_line_find(paging_direct(info->command_line), name, &word);
}

#define LOWEST_IO_APIC 0x100000 /* below it are RAM, video memory and ROMs */

/* Registers are written to: not where RAM is, nor another chip. */
static bool can_be_io_apic(const struct acpi_madt *madt, unsigned int number)
{
	uint64_t address = madt->io_apics[number].address;

	for (unsigned int i = 0; i < number; i++) {
		if (madt->io_apics[i].address == address)
			return false;
	}
	return address % IO_APIC_SIZE == 0 && address >= LOWEST_IO_APIC &&
	       address / PAGE_SIZE != local_apic_address() / PAGE_SIZE &&
	       address / PAGE_SIZE != madt->local_apic / PAGE_SIZE &&
	       !paging_look_up((uint64_t)paging_direct(address)).mapped;
}

static bool add_io_apic(const struct acpi_madt *madt, unsigned int number)
{
	const struct acpi_io_apic *apic = &madt->io_apics[number];
	void *registers = NULL;

	if (can_be_io_apic(madt, number))
		registers = region_map_device(apic->address, IO_APIC_SIZE, REGION_UNCACHED, "I/O APIC");
	if (registers != NULL && io_apic_add(registers, apic->gsi_base) == 0)
		return true;
	log_warning("ACPI: there is no I/O APIC at %lx; the 8259 is used.\n", apic->address);
	region_free(registers);
	return false;
}

static bool add_io_apics(const struct acpi_madt *madt)
{
	for (unsigned int i = 0; i < madt->io_apic_count; i++) {
		if (!add_io_apic(madt, i))
			return false;
	}
	return madt->io_apic_count > 0;
}

static bool start_local_apic(const struct acpi_madt *madt, bool with_8259)
{
	uint64_t address = local_apic_address();
	void *registers = NULL;

	if (!local_apic_exists())
		return false;
	if (address != 0) {
		registers = region_map_device(address, LOCAL_APIC_SIZE, REGION_UNCACHED, "local APIC");
		if (registers == NULL)
			return false;
	}
	local_apic_start(registers, madt, with_8259);
	return true;
}

/* Is the GSI with the number of this ISA line given to another line? The timer's is where the cascade would be. */
static bool is_taken(const struct acpi_madt *madt, unsigned int line)
{
	for (unsigned int other = 0; other < ACPI_ISA_LINES; other++) {
		if (other != line && madt->isa[other].gsi == madt->isa[line].gsi && madt->isa[line].gsi == line)
			return true;
	}
	return line == CASCADE_LINE;
}

/* A level-triggered line that no override tells of was inverted on its way by the router of the PCI lines. */
static void connect_to_io_apic(const struct acpi_madt *madt, unsigned int line)
{
	const struct acpi_line *isa = &madt->isa[line];
	bool conforms = isa->trigger == ACPI_TRIGGER_CONFORMS;
	int number = io_apic_connect(&(struct io_apic_line){
	        .gsi = isa->gsi,
	        .cpu = local_apic_id(),
	        .vector = irq_vector(line),
	        .is_low = isa->polarity == ACPI_POLARITY_LOW,
	        .is_level = conforms ? pic_is_level(line) : isa->trigger == ACPI_TRIGGER_LEVEL,
	});

	if (number >= 0)
		irq_connect(line, &io_apic_chip, (unsigned int)number);
}

static void connect_lines(const struct acpi_madt *madt)
{
	for (unsigned int line = 0; line < IRQ_ISA_LINES; line++) {
		if (!by_io_apic)
			irq_connect(line, &pic_chip, line);
		else if (!is_taken(madt, line))
			connect_to_io_apic(madt, line);
	}
}

static void print(void)
{
	const char *local = local_apic_is_x2apic() ? "x2APIC, " : local_apic_present() ? "local APIC, " : "";

	if (by_io_apic)
		log_info("Interrupts: %sI/O APIC with %u lines\n", local, io_apic_pins());
	else
		log_info("Interrupts: %s8259\n", local);
}

void interrupts_start(const struct boot_info *info)
{
	const struct acpi_madt *madt = &acpi_info()->madt;

	irq_start();
	by_io_apic = !has_word(info, "noapic") && local_apic_exists() && add_io_apics(madt);
	if (!start_local_apic(madt, !by_io_apic))
		by_io_apic = false;
	connect_lines(madt);
	print();
	if (madt->left_out != 0)
		log_warning("ACPI: %u entries of the table of interrupt controllers are not used.\n", madt->left_out);
}

void interrupts_share_line(unsigned int line)
{
	if (!by_io_apic)
		pic_set_level(line);
}

BOOT_WORD(noapic, "interrupts come by the 8259, as they once did", NULL);
