/*
 * The PCI bus, and interrupts of its devices: by pin, shared, and by message. QEMU's `edu` device raises them; where a
 * machine has none, or only one, the tests that need it are skipped.
 */
#include "kernel_test.h"

#include "bus/pci.h"
#include "core/irq.h"
#include "cpu.h"
#include "edu.h"

#define CLASS_BRIDGE      0x06
#define SUBCLASS_HOST     0x00
#define EDU_MEMORY        0x100000
#define EDU_IDENTITY      0x010000ed
#define ENOUGH_INTERRUPTS 100

static struct edu edus[2];

/* The first device of every PC is the bridge between the CPU and the bus. */
KERNEL_TEST(pci_finds_the_host_bridge)
{
	const struct pci_device *first = pci_device(0);

	if (first == NULL)
		SKIP("this machine has no PCI");
	EXPECT(first->bus == 0 && first->slot == 0 && first->function == 0);
	EXPECT(first->class == CLASS_BRIDGE && first->subclass == SUBCLASS_HOST);
	EXPECT(pci_find(first->vendor, first->device, NULL) == first);
	EXPECT(pci_find(0xffff, 0xffff, NULL) == NULL);
	EXPECT(pci_device(PCI_DEVICES_MAX) == NULL);
}

/* No function is there twice, and each still answers with what was noted. */
KERNEL_TEST(pci_devices_are_distinct)
{
	const struct pci_device *a, *b;

	for (unsigned int i = 0; (a = pci_device(i)) != NULL; i++) {
		EXPECT(pci_read16(a, 0) == a->vendor && pci_read16(a, 2) == a->device);
		EXPECT(pci_read8(a, 8) == a->revision && pci_read8(a, 11) == a->class);
		for (unsigned int k = 0; k < i; k++) {
			b = pci_device(k);
			EXPECT(b->bus != a->bus || b->slot != a->slot || b->function != a->function);
		}
	}
}

/* Sizes are powers of two, addresses are multiples of them, and looking changes nothing. */
KERNEL_TEST(pci_bars)
{
	const struct pci_device *d;

	for (unsigned int i = 0; (d = pci_device(i)) != NULL; i++) {
		uint16_t command = pci_read16(d, PCI_COMMAND);

		for (unsigned int k = 0; k < 7; k++) {
			uint32_t before = pci_read32(d, 0x10 + 4 * k);
			struct pci_bar bar = pci_read_bar(d, k);

			EXPECT(pci_read32(d, 0x10 + 4 * k) == before);
			EXPECT((bar.size & (bar.size - 1)) == 0);
			EXPECT(bar.size == 0 || bar.address % bar.size == 0);
			EXPECT(!bar.is_ports || bar.size <= 256);
		}
		EXPECT(pci_read16(d, PCI_COMMAND) == command);
	}
}

KERNEL_TEST(pci_edu_registers)
{
	struct pci_bar bar;

	if (!edu_open(&edus[0], 0))
		SKIP("this machine has no edu device");
	bar = pci_read_bar(edus[0].device, 0);
	EXPECT(bar.size == EDU_MEMORY && !bar.is_ports);
	EXPECT(pci_find_capability(edus[0].device, PCI_CAPABILITY_MSI) != 0);
	EXPECT(pci_find_capability(edus[0].device, PCI_CAPABILITY_EXPRESS) == 0);
	EXPECT(edu_identity(&edus[0]) == EDU_IDENTITY);
	EXPECT(edu_answer(&edus[0], 0x12345678) == ~0x12345678u);
	edu_close(&edus[0]);
}

static void wait_for(const unsigned int *counter, unsigned int value)
{
	while (__atomic_load_n(counter, __ATOMIC_RELAXED) < value)
		cpu_relax();
}

/* Many interrupts, one after the other, each with its own cause; then one that the device raises by itself. */
static void take_interrupts(struct edu *edu, bool by_message)
{
	EXPECT(edu_listen(edu, by_message) >= 0);
	for (unsigned int i = 1; i <= ENOUGH_INTERRUPTS; i++) {
		edu_raise(edu, i);
		wait_for(&edu->count, i);
		EXPECT(edu->count == i && edu->cause == i);
	}
	edu_begin_factorial(edu, 10);
	wait_for(&edu->count, ENOUGH_INTERRUPTS + 1);
	EXPECT(edu_factorial(edu) == 3628800);
	EXPECT(irq_count((unsigned int)edu->source).unclaimed == 0);
	edu_stop_listening(edu);
}

KERNEL_TEST(pci_interrupt_by_pin)
{
	if (!edu_open(&edus[0], 0))
		SKIP("this machine has no edu device");
	take_interrupts(&edus[0], false);
	edu_close(&edus[0]);
}

KERNEL_TEST(pci_interrupt_by_message)
{
	if (!edu_open(&edus[0], 0))
		SKIP("this machine has no edu device");
	take_interrupts(&edus[0], true);
	edu_raise(&edus[0], 1); /* it is heard no longer */
	edu_acknowledge(&edus[0], 1);
	EXPECT(edus[0].count == ENOUGH_INTERRUPTS + 1);
	edu_close(&edus[0]);
}

/* Two devices at one line: each handler hears of both, and each interrupt is somebody's. */
KERNEL_TEST(pci_interrupt_is_shared)
{
	struct edu *a = &edus[0], *b = &edus[1];

	if (!edu_open(a, 0) || !edu_open(b, 1))
		SKIP("this machine has no two edu devices");
	EXPECT(edu_listen(a, false) >= 0 && edu_listen(b, false) >= 0);
	if (a->source != b->source) {
		edu_stop_listening(a);
		edu_stop_listening(b);
		SKIP("the two edu devices have a line each");
	}
	for (unsigned int i = 1; i <= ENOUGH_INTERRUPTS; i++) {
		edu_raise(a, 1);
		wait_for(&a->count, i);
		edu_raise(b, 2);
		wait_for(&b->count, i);
	}
	EXPECT(a->count == ENOUGH_INTERRUPTS && a->cause == 1 && a->not_mine == ENOUGH_INTERRUPTS);
	EXPECT(b->count == ENOUGH_INTERRUPTS && b->cause == 2 && b->not_mine == ENOUGH_INTERRUPTS);
	cpu_disable_interrupts();
	edu_raise(a, 4);
	edu_raise(b, 8); /* both at once: one interrupt may serve them, but none of the two is lost */
	cpu_enable_interrupts();
	wait_for(&a->count, ENOUGH_INTERRUPTS + 1);
	wait_for(&b->count, ENOUGH_INTERRUPTS + 1);
	EXPECT(a->cause == 4 && b->cause == 8);
	edu_stop_listening(a);
	edu_raise(b, 16); /* the line is still open for the other */
	wait_for(&b->count, ENOUGH_INTERRUPTS + 2);
	edu_stop_listening(b);
	EXPECT(irq_count((unsigned int)a->source).unclaimed == 0);
	edu_close(a);
	edu_close(b);
}

/* A handler that claims the interrupt and does not make the device stop: the line is masked, and the kernel goes on. */
KERNEL_TEST(pci_screaming_line)
{
	struct edu *edu = &edus[0];
	unsigned int count;

	if (!edu_open(edu, 0))
		SKIP("this machine has no edu device");
	edu->deaf = true;
	EXPECT(edu_listen(edu, false) >= 0);
	edu_raise(edu, 1);
	while (!irq_count((unsigned int)edu->source).silenced)
		cpu_relax();
	count = edu->count;
	EXPECT(count >= 1000);
	edu_acknowledge(edu, 1);
	edu_stop_listening(edu);
	edu->deaf = false;
	EXPECT(edu_listen(edu, false) >= 0); /* whoever comes anew gets the line back */
	edu_raise(edu, 2);
	wait_for(&edu->count, count + 1);
	EXPECT(edu->cause == 2);
	edu_stop_listening(edu);
	edu_close(edu);
}

/* The same where nobody claims it. */
static enum irq_result refuse(void *context)
{
	++*(unsigned int *)context;
	return IRQ_NOT_MINE;
}

KERNEL_TEST(pci_line_that_nobody_claims)
{
	struct edu *edu = &edus[0];
	unsigned int asked = 0;
	int source;

	if (!edu_open(edu, 0))
		SKIP("this machine has no edu device");
	pci_set_command(edu->device, 0, PCI_COMMAND_INTERRUPTS_OFF);
	source = pci_irq_source(edu->device);
	EXPECT(source > 0);
	EXPECT(irq_register((unsigned int)source, refuse, &asked) == 0);
	edu_raise(edu, 1);
	while (!irq_count((unsigned int)source).silenced)
		cpu_relax();
	EXPECT(asked >= 900 && asked < 2100);
	edu_acknowledge(edu, 1);
	EXPECT(irq_unregister((unsigned int)source, refuse, &asked) == 0);
	edu_close(edu);
}
