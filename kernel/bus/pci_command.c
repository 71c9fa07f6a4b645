/*
 * pci: the devices of the bus.
 */
#include <stddef.h>

#include "bus/pci.h"
#include "core/monitor_command.h"

/* By class and subclass (PCI Code and ID Assignment Specification); subclass ff: any other of the class. */
static const struct {
	uint8_t class, subclass;
	char name[24];
} kinds[] = {
        {0x01, 0x01, "IDE controller"},
        {0x01, 0x06, "SATA controller"},
        {0x01, 0x08, "NVMe controller"},
        {0x01, 0xff, "storage"},
        {0x02, 0x00, "Ethernet"},
        {0x02, 0xff, "network"},
        {0x03, 0x00, "VGA"},
        {0x03, 0xff, "display"},
        {0x04, 0xff, "sound"},
        {0x06, 0x00, "host bridge"},
        {0x06, 0x01, "ISA bridge"},
        {0x06, 0x04, "PCI bridge"},
        {0x06, 0xff, "bridge"},
        {0x07, 0xff, "communication"},
        {0x08, 0xff, "system device"},
        {0x0c, 0x03, "USB controller"},
        {0x0c, 0x05, "SMBus"},
        {0x0c, 0xff, "serial bus"},
};

static const char *kind_of(const struct pci_device *device)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].class == device->class &&
		        (kinds[i].subclass == device->subclass || kinds[i].subclass == 0xff))
			return kinds[i].name;
	}
	return "device";
}

static void print_interrupt(struct command_output *output, const struct pci_device *device)
{
	uint8_t pin = pci_read8(device, PCI_INTERRUPT_PIN);

	if (pin >= 1 && pin <= 4)
		command_print(output, ", pin %c at line %u", 'A' + pin - 1, pci_read8(device, PCI_INTERRUPT_LINE));
	if (pci_find_capability(device, PCI_CAPABILITY_MSI) != 0)
		command_print(output, ", MSI");
	if (pci_find_capability(device, PCI_CAPABILITY_MSIX) != 0)
		command_print(output, ", MSI-X");
}

static void print_device(struct command_output *output, const struct pci_device *d)
{
	command_print(output, "%02x:%02x.%x  %04x:%04x  %02x.%02x.%02x  %s", d->bus, d->slot, d->function, d->vendor,
	        d->device, d->class, d->subclass, d->interface, kind_of(d));
	print_interrupt(output, d);
	command_print(output, "\n");
}

static int print_devices(struct command_output *output, unsigned int count, char *const words[])
{
	const struct pci_device *device;

	if (count != 1)
		return command_refuse(output, words[0]);
	command_print(output, "place    device     class\n");
	for (unsigned int i = 0; (device = pci_device(i)) != NULL; i++)
		print_device(output, device);
	return 0;
}

MONITOR_COMMAND(pci, "", "the devices of the PCI bus", print_devices);
