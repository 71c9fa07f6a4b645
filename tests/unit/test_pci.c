/* The PCI bus as ports CF8h and CFCh show it, on invented machines: what is found, sized and enabled, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "abi/errno.h"
#include "bus/acpi.h"
#include "bus/interrupts.h"
#include "bus/msi.h"
#include "bus/pci.h"
#include "core/irq.h"
#include "core/log.h"
#include "core/panic.h"
#include "local_apic.h"

void panic(const char *format, ...)
{
	(void)format;
	abort();
}

/* ---- the machine ---- */

#define FUNCTIONS_MAX 400
#define BRIDGE        1
#define MULTIFUNCTION 0x80

/* One function: its configuration space, and which bits of its base address registers can be written. */
struct function {
	uint8_t bus, slot, function;
	uint8_t space[256];
	uint32_t writable[6];
};

static struct function functions[FUNCTIONS_MAX];
static unsigned int function_count;
static uint32_t address;
static unsigned int reads, probed_while_on;

static struct function *addressed(void)
{
	for (unsigned int i = 0; i < function_count; i++) {
		struct function *f = &functions[i];

		if (address >> 31 && f->bus == (address >> 16 & 0xff) && f->slot == (address >> 11 & 31) &&
		        f->function == (address >> 8 & 7))
			return f;
	}
	return NULL;
}

uint32_t host_ports_read(uint16_t port, unsigned int size)
{
	struct function *f = addressed();
	uint32_t value = 0xffffffff;

	assert_int_equal(port, 0xcfc);
	assert_int_equal(size, 4);
	reads++;
	if (f != NULL)
		memcpy(&value, f->space + (address & 0xfc), 4);
	return value;
}

static uint32_t written(struct function *f, unsigned int offset, uint32_t value)
{
	unsigned int bar = (offset - 0x10) / 4;
	uint32_t before;

	if (offset < 0x10 || offset >= 0x28)
		return value;
	if (value == 0xffffffff && f->space[PCI_COMMAND] & (PCI_COMMAND_PORTS | PCI_COMMAND_MEMORY))
		probed_while_on++;
	memcpy(&before, f->space + offset, 4);
	return (before & ~f->writable[bar]) | (value & f->writable[bar]);
}

void host_ports_write(uint16_t port, unsigned int size, uint32_t value)
{
	struct function *f = addressed();
	unsigned int offset;

	if (port == 0xcf8) {
		assert_int_equal(size, 4);
		address = value;
		return;
	}
	assert_in_range(port, 0xcfc, 0xcff);
	offset = (address & 0xfc) + port - 0xcfc;
	assert_non_null(f);
	if (size == 4)
		value = written(f, offset, value);
	memcpy(f->space + offset, &value, size);
}

static struct function *add(uint8_t bus, uint8_t slot, uint8_t number, uint8_t header)
{
	struct function *f = &functions[function_count++];

	memset(f, 0, sizeof(*f));
	f->bus = bus;
	f->slot = slot;
	f->function = number;
	memcpy(f->space, "\x34\x12\x01\x00", 4);
	f->space[2] = (uint8_t)function_count; /* so that each can be found */
	f->space[0x0e] = header;
	return f;
}

static struct function *add_bridge(uint8_t bus, uint8_t slot, uint8_t to)
{
	struct function *f = add(bus, slot, 0, BRIDGE);

	f->space[0x19] = to;
	return f;
}

static void set32(struct function *f, unsigned int offset, uint32_t value)
{
	memcpy(f->space + offset, &value, 4);
}

/* ---- what the files under test use ---- */

static char said[256];
static unsigned int shared_line;
static struct acpi_info firmware;
static bool has_local_apic;
static int allocates, registers; /* what the next call returns */
static unsigned int released;
static const struct interrupt_chip *chip;

void log_print(enum log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

void interrupts_share_line(unsigned int line)
{
	shared_line = line;
}

const struct acpi_info *acpi_info(void)
{
	return &firmware;
}

bool local_apic_present(void)
{
	return has_local_apic;
}

uint32_t local_apic_id(void)
{
	return 3;
}

void local_apic_end(unsigned int line)
{
	(void)line;
}

int irq_allocate(const struct interrupt_chip *its_chip)
{
	chip = its_chip;
	return allocates;
}

int irq_register(unsigned int source, irq_handler *handler, void *context)
{
	(void)handler;
	(void)context;
	if (registers == 0)
		chip->unmask(source);
	return registers;
}

int irq_unregister(unsigned int source, irq_handler *handler, void *context)
{
	(void)handler;
	(void)context;
	chip->mask(source);
	return 0;
}

void irq_release(unsigned int source)
{
	released = source;
}

static int fresh(void **state)
{
	(void)state;
	function_count = reads = probed_while_on = shared_line = released = 0;
	has_local_apic = true;
	allocates = 20;
	registers = 0;
	firmware = (struct acpi_info){0};
	return 0;
}

static unsigned int found(void)
{
	unsigned int count = 0;

	while (pci_device(count) != NULL)
		count++;
	return count;
}

/* ---- finding ---- */

static void an_empty_bus(void **state)
{
	(void)state;
	pci_start();
	assert_int_equal(found(), 0);
	assert_string_equal(said, "PCI: 0 devices\n");
	assert_int_equal(reads, 32); /* one for each slot, and no bus but the first */
}

static void functions_of_a_device(void **state)
{
	(void)state;
	set32(add(0, 0, 0, 0), 0x08, 0x04030201);
	add(0, 0, 1, 0); /* the device does not say that it has more than one */
	add(0, 5, 0, MULTIFUNCTION);
	add(0, 5, 3, 0);
	add(0, 5, 7, 0);
	add(0, 31, 1, 0); /* without function 0 there is no device */
	pci_start();
	assert_int_equal(found(), 4);
	assert_int_equal(pci_device(2)->slot, 5);
	assert_int_equal(pci_device(2)->function, 3);
	assert_int_equal(pci_device(1)->header, 0);
	assert_int_equal(pci_device(0)->class, 4);
	assert_int_equal(pci_device(0)->subclass, 3);
	assert_int_equal(pci_device(0)->interface, 2);
	assert_int_equal(pci_device(0)->revision, 1);
	assert_int_equal(pci_device(1)->class, 0);
}

static void bridges_are_followed(void **state)
{
	(void)state;
	add_bridge(0, 1, 4);
	add_bridge(4, 0, 200);
	add(4, 1, 0, 0);
	add(200, 31, 0, 0);
	add(9, 0, 0, 0); /* behind no bridge */
	pci_start();
	assert_int_equal(found(), 4);
	assert_int_equal(pci_device(2)->bus, 200); /* deepest first */
	assert_non_null(pci_find(0x1234, 3, NULL));
	assert_null(pci_find(0x1234, 5, NULL));
}

/* A bridge that was given no bus, one that leads back, one that leads to itself, and two to the same bus. */
static void bridges_in_a_circle(void **state)
{
	(void)state;
	add_bridge(0, 1, 0);
	add_bridge(0, 2, 7);
	add_bridge(0, 3, 7);
	add_bridge(7, 0, 0);
	add_bridge(7, 1, 7);
	pci_start();
	assert_int_equal(found(), 5);
}

static void more_than_there_is_room_for(void **state)
{
	(void)state;
	add_bridge(0, 0, 1);
	for (unsigned int i = 0; i < PCI_DEVICES_MAX + 4; i++)
		add((uint8_t)(1 + i / 256), i / 8 % 32, i % 8, MULTIFUNCTION);
	pci_start();
	assert_int_equal(found(), PCI_DEVICES_MAX);
	assert_string_equal(said, "PCI: there are 5 more than can be used.\n");
}

static void the_next_of_the_same_kind(void **state)
{
	const struct pci_device *first;

	(void)state;
	add(0, 1, 0, 0)->space[2] = 9;
	add(0, 2, 0, 0);
	add(0, 3, 0, 0)->space[2] = 9;
	pci_start();
	first = pci_find(0x1234, 9, NULL);
	assert_int_equal(first->slot, 1);
	assert_int_equal(pci_find(0x1234, 9, first)->slot, 3);
	assert_null(pci_find(0x1234, 9, pci_find(0x1234, 9, first)));
}

/* ---- base addresses ---- */

static const struct pci_device *only(void)
{
	pci_start();
	assert_int_equal(found(), 1);
	return pci_device(0);
}

static void expect_bar(struct pci_bar bar, uint64_t at, uint64_t size)
{
	assert_int_equal(bar.address, at);
	assert_int_equal(bar.size, size);
}

static void base_addresses(void **state)
{
	struct function *f = add(0, 1, 0, 0);
	const struct pci_device *d;

	(void)state;
	set32(f, 0x10, 0xfebf0000), f->writable[0] = 0xffff0000;
	set32(f, 0x14, 0xc001), f->writable[1] = 0x0000ffe0; /* ports, the upper half wired to 0 */
	set32(f, 0x18, 0x0000000c), f->writable[2] = 0;      /* 64-bit, prefetchable, 16 GiB at 1 TiB */
	set32(f, 0x1c, 0x100), f->writable[3] = 0xfffffffc;
	set32(f, 0x20, 0), f->writable[4] = 0;                   /* none */
	set32(f, 0x24, 0x80000000), f->writable[5] = 0x80000000; /* 2 GiB */
	f->space[PCI_COMMAND] = 7;
	d = only();
	expect_bar(pci_read_bar(d, 0), 0xfebf0000, 0x10000);
	assert_false(pci_read_bar(d, 0).is_prefetchable);
	expect_bar(pci_read_bar(d, 1), 0xc000, 32);
	assert_true(pci_read_bar(d, 1).is_ports);
	expect_bar(pci_read_bar(d, 2), 0x10000000000, 0x400000000);
	assert_true(pci_read_bar(d, 2).is_64_bit);
	assert_true(pci_read_bar(d, 2).is_prefetchable);
	expect_bar(pci_read_bar(d, 3), 0, 0); /* the other half */
	expect_bar(pci_read_bar(d, 4), 0, 0);
	expect_bar(pci_read_bar(d, 5), 0x80000000, 0x80000000);
	expect_bar(pci_read_bar(d, 6), 0, 0);
	assert_int_equal(probed_while_on, 0);
	assert_int_equal(f->space[PCI_COMMAND], 7);
	assert_int_equal(f->space[0x13], 0xfe);
}

static void bridges_have_two_base_addresses(void **state)
{
	struct function *f = add_bridge(0, 1, 0);
	const struct pci_device *d;

	(void)state;
	set32(f, 0x14, 0xe0000000), f->writable[1] = 0xfffff000;
	d = only();
	expect_bar(pci_read_bar(d, 1), 0xe0000000, 0x1000);
	f->space[0x1a] = 0xff; /* bus numbers and windows stand where a third would be */
	expect_bar(pci_read_bar(d, 2), 0, 0);
	assert_int_equal(f->space[0x1a], 0xff);
}

/* Beside the command stands the status, whose bits are cleared by writing ones. */
static void the_command_alone_is_written(void **state)
{
	struct function *f = add(0, 1, 0, 0);

	(void)state;
	f->space[PCI_STATUS + 1] = 0xf9;
	pci_set_command(only(), PCI_COMMAND_MASTER, PCI_COMMAND_PORTS);
	assert_int_equal(f->space[PCI_COMMAND], PCI_COMMAND_MASTER);
	assert_int_equal(f->space[PCI_STATUS + 1], 0xf9);
}

/* ---- capabilities and interrupts ---- */

static struct function *add_with_capabilities(void)
{
	struct function *f = add(0, 1, 0, 0);

	f->space[PCI_STATUS] = 0x10;
	f->space[0x34] = 0x43; /* the low two bits mean nothing */
	f->space[0x40] = PCI_CAPABILITY_EXPRESS;
	f->space[0x41] = 0x80;
	f->space[0x80] = PCI_CAPABILITY_MSI;
	return f;
}

static void capabilities(void **state)
{
	struct function *f = add_with_capabilities();
	const struct pci_device *d = only();

	(void)state;
	assert_int_equal(pci_find_capability(d, PCI_CAPABILITY_EXPRESS), 0x40);
	assert_int_equal(pci_find_capability(d, PCI_CAPABILITY_MSI), 0x80);
	assert_int_equal(pci_find_capability(d, PCI_CAPABILITY_MSIX), 0);
	f->space[0x81] = 0x40; /* in a circle */
	assert_int_equal(pci_find_capability(d, PCI_CAPABILITY_MSIX), 0);
	f->space[PCI_STATUS] = 0; /* the list is not there */
	assert_int_equal(pci_find_capability(d, PCI_CAPABILITY_MSI), 0);
}

static void pins(void **state)
{
	struct function *f = add(0, 1, 0, 0);
	const struct pci_device *d = only();

	(void)state;
	f->space[PCI_INTERRUPT_LINE] = 11;
	assert_int_equal(pci_irq_source(d), -ENODEV); /* it has no pin */
	f->space[PCI_INTERRUPT_PIN] = 1;
	assert_int_equal(pci_irq_source(d), 11);
	assert_int_equal(shared_line, 11);
	f->space[PCI_INTERRUPT_LINE] = 0;
	assert_int_equal(pci_irq_source(d), -ENODEV);
	f->space[PCI_INTERRUPT_LINE] = 0xff; /* "unknown" */
	assert_int_equal(pci_irq_source(d), -ENODEV);
	f->space[PCI_INTERRUPT_LINE] = 16;
	assert_int_equal(pci_irq_source(d), -ENODEV);
	f->space[PCI_INTERRUPT_LINE] = 15;
	assert_int_equal(pci_irq_source(d), 15);
}

static enum irq_result handler(void *context)
{
	(void)context;
	return IRQ_MINE;
}

static void messages(void **state)
{
	struct function *f = add_with_capabilities();
	const struct pci_device *d = only();

	(void)state;
	f->space[0x82] = 0x71; /* on, as the firmware left it, with 128 messages */
	assert_int_equal(msi_enable(d, handler, NULL), 20);
	assert_memory_equal(f->space + 0x82,
	        "\x01\x00"
	        "\x00\x30\xe0\xfe"
	        "\x44\x00",
	        8); /* CPU 3, vector 48 + 20 */
	assert_int_equal(f->space[PCI_COMMAND], PCI_COMMAND_MASTER);
	assert_int_equal(f->space[PCI_COMMAND + 1], PCI_COMMAND_INTERRUPTS_OFF >> 8);
	msi_disable(20, handler, NULL);
	assert_int_equal(f->space[0x82], 0);
	assert_int_equal(released, 20);
}

static void messages_with_64_bits(void **state)
{
	struct function *f = add_with_capabilities();

	(void)state;
	f->space[0x82] = 0x80;
	memset(f->space + 0x84, 0xee, 10);
	assert_int_equal(msi_enable(only(), handler, NULL), 20);
	assert_memory_equal(f->space + 0x82,
	        "\x81\x00"
	        "\x00\x30\xe0\xfe"
	        "\x00\x00\x00\x00"
	        "\x44\x00",
	        12);
}

static void no_messages(void **state)
{
	struct function *f = add_with_capabilities();
	const struct pci_device *d = only();

	(void)state;
	firmware.fadt.boot_flags = ACPI_BOOT_NO_MSI;
	assert_int_equal(msi_enable(d, handler, NULL), -ENODEV);
	firmware.fadt.boot_flags = 0;
	has_local_apic = false;
	assert_int_equal(msi_enable(d, handler, NULL), -ENODEV);
	has_local_apic = true;
	allocates = -ENOSPC;
	assert_int_equal(msi_enable(d, handler, NULL), -ENOSPC);
	allocates = 20;
	registers = -ENOMEM;
	assert_int_equal(msi_enable(d, handler, NULL), -ENOMEM);
	assert_int_equal(released, 20);
	assert_int_equal(f->space[0x82] & 1, 0);
	f->space[0x41] = 0; /* no such capability */
	assert_int_equal(msi_enable(d, handler, NULL), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(an_empty_bus, fresh),
	        cmocka_unit_test_setup(functions_of_a_device, fresh),
	        cmocka_unit_test_setup(bridges_are_followed, fresh),
	        cmocka_unit_test_setup(bridges_in_a_circle, fresh),
	        cmocka_unit_test_setup(more_than_there_is_room_for, fresh),
	        cmocka_unit_test_setup(the_next_of_the_same_kind, fresh),
	        cmocka_unit_test_setup(base_addresses, fresh),
	        cmocka_unit_test_setup(bridges_have_two_base_addresses, fresh),
	        cmocka_unit_test_setup(the_command_alone_is_written, fresh),
	        cmocka_unit_test_setup(capabilities, fresh),
	        cmocka_unit_test_setup(pins, fresh),
	        cmocka_unit_test_setup(messages, fresh),
	        cmocka_unit_test_setup(messages_with_64_bits, fresh),
	        cmocka_unit_test_setup(no_messages, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
