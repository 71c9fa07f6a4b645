#include "bus/msi.h"

#include <stddef.h>

#include "abi/errno.h"
#include "bus/acpi.h"
#include "local_apic.h"

/* Offsets in the capability, whose data stand behind the upper half of the address if there is one. */
#define CONTROL      2
#define ADDRESS_LOW  4
#define ADDRESS_HIGH 8
#define DATA_32      8
#define DATA_64      12

#define CONTROL_ENABLE   (1u << 0)
#define CONTROL_MESSAGES (7u << 4) /* how many, as a power of two */
#define CONTROL_64_BIT   (1u << 7)

/* What the local APICs listen to (Intel SDM volume 3, 11.11): fixed delivery, edge-triggered. */
#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_CPU     12 /* first bit */
#define MESSAGE_CPU_ALL 0xff

/* Who sends the message of a source. */
static struct message {
	const struct pci_device *device;
	unsigned int capability;
} messages[IRQ_SOURCES];

static void set_enabled(unsigned int line, bool enabled)
{
	const struct message *m = &messages[line];
	uint16_t control = pci_read16(m->device, m->capability + CONTROL);

	control &= (uint16_t) ~(CONTROL_ENABLE | CONTROL_MESSAGES);
	pci_write16(m->device, m->capability + CONTROL, (uint16_t)(control | (enabled ? CONTROL_ENABLE : 0)));
}

static void mask(unsigned int line)
{
	set_enabled(line, false);
}

static void unmask(unsigned int line)
{
	set_enabled(line, true);
}

static const struct interrupt_chip msi_chip = {"MSI", mask, unmask, local_apic_end};

static bool is_possible(const struct pci_device *device, unsigned int *capability)
{
	*capability = pci_find_capability(device, PCI_CAPABILITY_MSI);
	return *capability != 0 && local_apic_present() && local_apic_id() < MESSAGE_CPU_ALL &&
	       !(acpi_info()->fadt.boot_flags & ACPI_BOOT_NO_MSI);
}

/* One message, to this CPU. */
static void write_message(const struct pci_device *device, unsigned int capability, uint8_t vector)
{
	uint16_t control = pci_read16(device, capability + CONTROL);

	pci_write32(device, capability + ADDRESS_LOW, MESSAGE_ADDRESS | local_apic_id() << MESSAGE_CPU);
	if (control & CONTROL_64_BIT)
		pci_write32(device, capability + ADDRESS_HIGH, 0);
	pci_write16(device, capability + (control & CONTROL_64_BIT ? DATA_64 : DATA_32), vector);
}

int msi_enable(const struct pci_device *device, irq_handler *handler, void *context)
{
	unsigned int capability;
	int source, result;

	if (!is_possible(device, &capability))
		return -ENODEV;
	source = irq_allocate(&msi_chip);
	if (source < 0)
		return source;
	messages[source] = (struct message){device, capability};
	mask((unsigned int)source);
	write_message(device, capability, irq_vector((unsigned int)source));
	pci_set_command(device, PCI_COMMAND_MASTER | PCI_COMMAND_INTERRUPTS_OFF, 0);
	result = irq_register((unsigned int)source, handler, context);
	if (result < 0) {
		pci_set_command(device, 0, PCI_COMMAND_INTERRUPTS_OFF);
		irq_release((unsigned int)source);
		return result;
	}
	return source;
}

void msi_disable(int source, irq_handler *handler, void *context)
{
	irq_unregister((unsigned int)source, handler, context);
	irq_release((unsigned int)source);
}
