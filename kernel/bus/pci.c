#include "bus/pci.h"

#include <stddef.h>

#include "abi/errno.h"
#include "bus/interrupts.h"
#include "core/irq.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "cpu.h"
#include "lib/format.h"
#include "lib/string.h"

/* Configuration mechanism #1 (3.2.2.3.2): the address goes to one port, the 32 bits there come from the other. */
#define PORT_ADDRESS   0xcf8
#define PORT_DATA      0xcfc
#define ADDRESS_ENABLE (1u << 31)

#define BUSES     256
#define SLOTS     32
#define FUNCTIONS 8

#define NO_VENDOR 0xffff

#define VENDOR         0x00
#define CLASS_REVISION 0x08
#define HEADER_TYPE    0x0e
#define BARS           0x10
#define SECONDARY_BUS  0x19
#define CAPABILITIES   0x34

#define HEADER_MULTIFUNCTION 0x80
#define HEADER_BRIDGE        1
#define STATUS_CAPABILITIES  (1u << 4)
#define CAPABILITIES_MAX     48 /* as many as have room: a list that is longer runs in a circle */

#define BAR_PORTS        (1u << 0)
#define BAR_64_BIT       (2u << 1)
#define BAR_TYPE         (3u << 1)
#define BAR_PREFETCHABLE (1u << 3)
#define BAR_PORTS_MASK   3u
#define BAR_MEMORY_MASK  15u

static struct {
	struct pci_device devices[PCI_DEVICES_MAX];
	unsigned int count, left_out;
	uint32_t seen[BUSES / 32]; /* buses */
} pci;

static struct spinlock lock = SPINLOCK(RANK_PCI, "PCI configuration");

/* ---- configuration space ---- */

static uint32_t address_of(const struct pci_device *d, unsigned int offset)
{
	return ADDRESS_ENABLE | (uint32_t)d->bus << 16 | (uint32_t)d->slot << 11 | (uint32_t)d->function << 8 |
	       (offset & 0xfc);
}

uint32_t pci_read32(const struct pci_device *device, unsigned int offset)
{
	uint64_t flags = spin_lock(&lock);
	uint32_t value;

	cpu_out32(PORT_ADDRESS, address_of(device, offset));
	value = cpu_in32(PORT_DATA);
	spin_unlock(&lock, flags);
	return value;
}

uint16_t pci_read16(const struct pci_device *device, unsigned int offset)
{
	return (uint16_t)(pci_read32(device, offset) >> offset % 4 * 8);
}

uint8_t pci_read8(const struct pci_device *device, unsigned int offset)
{
	return (uint8_t)(pci_read32(device, offset) >> offset % 4 * 8);
}

void pci_write32(const struct pci_device *device, unsigned int offset, uint32_t value)
{
	uint64_t flags = spin_lock(&lock);

	cpu_out32(PORT_ADDRESS, address_of(device, offset));
	cpu_out32(PORT_DATA, value);
	spin_unlock(&lock, flags);
}

/* Not by reading and writing 32 bits: beside the command stands the status, whose bits are cleared by writing them. */
void pci_write16(const struct pci_device *device, unsigned int offset, uint16_t value)
{
	uint64_t flags = spin_lock(&lock);

	cpu_out32(PORT_ADDRESS, address_of(device, offset));
	cpu_out16((uint16_t)(PORT_DATA + offset % 4), value);
	spin_unlock(&lock, flags);
}

void pci_set_command(const struct pci_device *device, uint16_t set, uint16_t clear)
{
	pci_write16(device, PCI_COMMAND, (uint16_t)((pci_read16(device, PCI_COMMAND) | set) & ~clear));
}

/* ---- finding ---- */

static void scan_bus(uint8_t bus);

static bool mark_bus(uint8_t bus)
{
	uint32_t bit = 1u << bus % 32;
	bool is_new = !(pci.seen[bus / 32] & bit);

	pci.seen[bus / 32] |= bit;
	return is_new;
}

/* Returns the header type, or 0 where nothing answers. A bridge leads on to the bus behind it, if it was given one. */
static uint8_t scan_function(struct pci_device at)
{
	uint32_t id = pci_read32(&at, VENDOR);
	uint32_t class_revision;
	uint8_t header;

	if ((id & 0xffff) == NO_VENDOR)
		return 0;
	class_revision = pci_read32(&at, CLASS_REVISION);
	header = pci_read8(&at, HEADER_TYPE);
	at.header = header & (uint8_t)~HEADER_MULTIFUNCTION;
	at.vendor = (uint16_t)id;
	at.device = (uint16_t)(id >> 16);
	at.class = (uint8_t)(class_revision >> 24);
	at.subclass = (uint8_t)(class_revision >> 16);
	at.interface = (uint8_t)(class_revision >> 8);
	at.revision = (uint8_t)class_revision;
	if (pci.count < PCI_DEVICES_MAX)
		pci.devices[pci.count++] = at;
	else
		pci.left_out++;
	if (at.header == HEADER_BRIDGE)
		scan_bus(pci_read8(&at, SECONDARY_BUS));
	return header;
}

static void scan_bus(uint8_t bus)
{
	if (!mark_bus(bus))
		return;
	for (uint8_t slot = 0; slot < SLOTS; slot++) {
		struct pci_device at = {.bus = bus, .slot = slot};

		if (!(scan_function(at) & HEADER_MULTIFUNCTION))
			continue;
		for (at.function = 1; at.function < FUNCTIONS; at.function++)
			scan_function(at);
	}
}

void pci_start(void)
{
	memset(&pci, 0, sizeof(pci));
	scan_bus(0);
	log_info("PCI: %u device%s\n", pci.count, format_plural(pci.count));
	if (pci.left_out != 0)
		log_warning("PCI: there are %u more than can be used.\n", pci.left_out);
}

const struct pci_device *pci_device(unsigned int n)
{
	return n < pci.count ? &pci.devices[n] : NULL;
}

const struct pci_device *pci_find(uint16_t vendor, uint16_t device, const struct pci_device *previous)
{
	const struct pci_device *d = previous == NULL ? pci.devices : previous + 1;

	for (; d < pci.devices + pci.count; d++) {
		if (d->vendor == vendor && d->device == device)
			return d;
	}
	return NULL;
}

/* ---- what drivers ask for ---- */

/* Bits that stay 0 when ones are written lie below the size. */
static uint32_t probe(const struct pci_device *device, unsigned int offset)
{
	uint32_t value = pci_read32(device, offset);
	uint32_t ones;

	pci_write32(device, offset, 0xffffffff);
	ones = pci_read32(device, offset);
	pci_write32(device, offset, value);
	return ones;
}

static struct pci_bar read_ports_bar(uint32_t value, uint32_t ones)
{
	uint16_t mask = (uint16_t)(ones & ~BAR_PORTS_MASK);

	return (struct pci_bar){
	        .address = value & ~BAR_PORTS_MASK,
	        .size = mask == 0 ? 0 : (uint16_t)(~mask + 1),
	        .is_ports = true,
	};
}

static struct pci_bar read_memory_bar(const struct pci_device *device, unsigned int offset, uint32_t low, uint32_t ones)
{
	struct pci_bar bar = {.is_prefetchable = low & BAR_PREFETCHABLE};
	uint64_t mask = ones & ~BAR_MEMORY_MASK;

	bar.address = low & ~BAR_MEMORY_MASK;
	bar.is_64_bit = (low & BAR_TYPE) == BAR_64_BIT;
	if (bar.is_64_bit) {
		bar.address |= (uint64_t)pci_read32(device, offset + 4) << 32;
		mask |= (uint64_t)probe(device, offset + 4) << 32;
	} else if (mask != 0) {
		mask |= 0xffffffffull << 32;
	}
	bar.size = mask == 0 ? 0 : ~mask + 1;
	return bar;
}

static unsigned int bar_count(const struct pci_device *device)
{
	return device->header == 0 ? 6 : device->header == HEADER_BRIDGE ? 2 : 0;
}

static bool is_upper_half(const struct pci_device *device, unsigned int index)
{
	bool upper = false;

	for (unsigned int i = 0; i < index; i++) {
		uint32_t value = pci_read32(device, BARS + 4 * i);

		upper = !upper && !(value & BAR_PORTS) && (value & BAR_TYPE) == BAR_64_BIT;
	}
	return upper;
}

struct pci_bar pci_read_bar(const struct pci_device *device, unsigned int index)
{
	unsigned int offset = BARS + 4 * index;
	uint16_t command = pci_read16(device, PCI_COMMAND);
	struct pci_bar bar = {0};
	uint32_t value, ones;

	if (index >= bar_count(device) || is_upper_half(device, index))
		return bar;
	pci_set_command(device, 0, PCI_COMMAND_PORTS | PCI_COMMAND_MEMORY);
	value = pci_read32(device, offset);
	ones = probe(device, offset);
	bar = value & BAR_PORTS ? read_ports_bar(value, ones) : read_memory_bar(device, offset, value, ones);
	pci_write16(device, PCI_COMMAND, command);
	if (bar.size == 0)
		bar = (struct pci_bar){0};
	return bar;
}

unsigned int pci_find_capability(const struct pci_device *device, enum pci_capability id)
{
	unsigned int offset;

	if (!(pci_read16(device, PCI_STATUS) & STATUS_CAPABILITIES))
		return 0;
	offset = pci_read8(device, CAPABILITIES) & ~3u;
	for (unsigned int i = 0; i < CAPABILITIES_MAX && offset != 0; i++) {
		uint16_t id_and_next = pci_read16(device, offset);

		if ((id_and_next & 0xff) == id)
			return offset;
		offset = (id_and_next >> 8) & ~3u;
	}
	return 0;
}

int pci_irq_source(const struct pci_device *device)
{
	uint8_t line = pci_read8(device, PCI_INTERRUPT_LINE);

	if (pci_read8(device, PCI_INTERRUPT_PIN) == 0 || line == 0 || line >= IRQ_ISA_LINES)
		return -ENODEV;
	interrupts_share_line(line);
	return line;
}
