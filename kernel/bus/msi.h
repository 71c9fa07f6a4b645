/*
 * Message-signalled interrupts: a device writes a number to the local APIC instead of raising a line (PCI Local Bus
 * Specification 3.0, 6.8). Nobody shares it, and nothing is lost or spurious.
 */
#ifndef BUS_MSI_H
#define BUS_MSI_H

#include "bus/pci.h"
#include "core/irq.h"

/*
 * [thread] The device interrupts by message from now on, to this CPU, and no longer by its pin. Returns the source, or
 * -ENODEV: the device, the machine or this CPU knows no MSI; -ENOSPC, -ENOMEM: too many.
 */
int msi_enable(const struct pci_device *device, irq_handler *handler, void *context);

/* [thread] Undoes msi_enable() with the source it returned; the device interrupts neither way. */
void msi_disable(int source, irq_handler *handler, void *context);

#endif
