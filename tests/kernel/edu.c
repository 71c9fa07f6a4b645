#include "edu.h"

#include <stddef.h>

#include "abi/errno.h"
#include "bus/msi.h"
#include "core/irq.h"
#include "mm/region.h"

#define VENDOR 0x1234
#define DEVICE 0x11e8
#define SIZE   4096 /* of the registers; the rest of its megabyte is for DMA */

/* Offsets. */
enum edu_register {
	IDENTITY = 0x00,
	LIVENESS = 0x04, /* a number written here is read back with all bits flipped */
	FACTORIAL = 0x08,
	STATUS = 0x20,
	CAUSE = 0x24,
	RAISE = 0x60,
	ACKNOWLEDGE = 0x64,
};

#define STATUS_INTERRUPT (1u << 7) /* when a factorial is done, with cause 1 */

static uint32_t read_register(struct edu *edu, enum edu_register offset)
{
	return edu->registers[offset / 4];
}

static void write_register(struct edu *edu, enum edu_register offset, uint32_t value)
{
	edu->registers[offset / 4] = value;
}

bool edu_open(struct edu *edu, unsigned int n)
{
	const struct pci_device *device = pci_find(VENDOR, DEVICE, NULL);

	while (device != NULL && n-- > 0)
		device = pci_find(VENDOR, DEVICE, device);
	*edu = (struct edu){.device = device, .source = -ENODEV};
	if (device == NULL)
		return false;
	edu->registers = region_map_device(pci_read_bar(device, 0).address, SIZE, REGION_UNCACHED, "edu");
	pci_set_command(device, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 0);
	return edu->registers != NULL;
}

static enum irq_result handle(void *context)
{
	struct edu *edu = context;
	uint32_t cause = read_register(edu, CAUSE);

	if (cause == 0) {
		edu->not_mine++;
		return IRQ_NOT_MINE;
	}
	edu->cause = cause;
	edu->count++;
	if (!edu->deaf)
		write_register(edu, ACKNOWLEDGE, cause);
	return IRQ_MINE;
}

int edu_listen(struct edu *edu, bool by_message)
{
	int result;

	edu->by_message = by_message;
	if (by_message) {
		edu->source = msi_enable(edu->device, handle, edu);
		return edu->source;
	}
	pci_set_command(edu->device, 0, PCI_COMMAND_INTERRUPTS_OFF);
	edu->source = pci_irq_source(edu->device);
	if (edu->source < 0)
		return edu->source;
	result = irq_register((unsigned int)edu->source, handle, edu);
	return result < 0 ? result : edu->source;
}

void edu_stop_listening(struct edu *edu)
{
	if (edu->by_message)
		msi_disable(edu->source, handle, edu);
	else
		irq_unregister((unsigned int)edu->source, handle, edu);
}

void edu_close(struct edu *edu)
{
	region_free((void *)edu->registers);
}

void edu_raise(struct edu *edu, uint32_t cause)
{
	write_register(edu, RAISE, cause);
}

uint32_t edu_identity(struct edu *edu)
{
	return read_register(edu, IDENTITY);
}

uint32_t edu_answer(struct edu *edu, uint32_t number)
{
	write_register(edu, LIVENESS, number);
	return read_register(edu, LIVENESS);
}

void edu_begin_factorial(struct edu *edu, uint32_t n)
{
	write_register(edu, STATUS, STATUS_INTERRUPT);
	write_register(edu, FACTORIAL, n);
}

uint32_t edu_factorial(struct edu *edu)
{
	return read_register(edu, FACTORIAL);
}

void edu_acknowledge(struct edu *edu, uint32_t cause)
{
	write_register(edu, ACKNOWLEDGE, cause);
}
