/*
 * The devices of the PCI bus, found by following the bridges from bus 0 (PCI Local Bus Specification 3.0, chapter 6).
 * What only a driver wants to know of its device is read when it asks.
 */
#ifndef BUS_PCI_H
#define BUS_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_DEVICES_MAX 128

/* One function of a device; it stays where it is for ever. */
struct pci_device {
	uint8_t bus, slot, function;
	uint8_t header; /* 0 device, 1 bridge */
	uint16_t vendor, device;
	uint8_t class, subclass, interface, revision;
};

/* Offsets in configuration space. */
enum pci_register {
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_INTERRUPT_LINE = 0x3c,
	PCI_INTERRUPT_PIN = 0x3d,
};

/* Bits of the command register. */
#define PCI_COMMAND_PORTS          (1u << 0)
#define PCI_COMMAND_MEMORY         (1u << 1)
#define PCI_COMMAND_MASTER         (1u << 2) /* the device may read and write memory by itself, and send MSI */
#define PCI_COMMAND_INTERRUPTS_OFF (1u << 10)

enum pci_capability { PCI_CAPABILITY_MSI = 0x05, PCI_CAPABILITY_EXPRESS = 0x10, PCI_CAPABILITY_MSIX = 0x11 };

/* Base address register: where the device's registers or memory are. */
struct pci_bar {
	uint64_t address; /* physical, or the number of the first port */
	uint64_t size;    /* bytes or ports, a power of two; 0: there is none */
	bool is_ports, is_64_bit, is_prefetchable;
};

/* [init] Finds all devices, and says how many. */
void pci_start(void);

/* [any] The n-th device, counted from 0; NULL behind the last. */
const struct pci_device *pci_device(unsigned int n);

/* [any] The next device with these numbers after `previous` (NULL: the first); NULL if there is none. */
const struct pci_device *pci_find(uint16_t vendor, uint16_t device, const struct pci_device *previous);

/* [irq] Configuration space; `offset` is a multiple of the size. */
uint8_t pci_read8(const struct pci_device *device, unsigned int offset);
uint16_t pci_read16(const struct pci_device *device, unsigned int offset);
uint32_t pci_read32(const struct pci_device *device, unsigned int offset);
void pci_write16(const struct pci_device *device, unsigned int offset, uint16_t value);
void pci_write32(const struct pci_device *device, unsigned int offset, uint32_t value);

/* [irq] Sets and clears bits of the command register. */
void pci_set_command(const struct pci_device *device, uint16_t set, uint16_t clear);

/*
 * [thread] The base address register `index` (0 to 5; of bridges 0 and 1). Looking turns the device off for a moment:
 * ask before it is in use. A 64-bit one takes two indices, of which the second has size 0.
 */
struct pci_bar pci_read_bar(const struct pci_device *device, unsigned int index);

/* [thread] The offset of a capability, or 0. */
unsigned int pci_find_capability(const struct pci_device *device, enum pci_capability id);

/*
 * [thread] The source (core/irq.h) at which the device's interrupt pin arrives, by the line that the firmware wrote
 * into its configuration. Others may share it. -ENODEV: the device has no pin, or the firmware gave it no line.
 */
int pci_irq_source(const struct pci_device *device);

#endif
