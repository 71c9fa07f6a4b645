#include "io_apic.h"

#include <stddef.h>

#include "abi/errno.h"
#include "local_apic.h"

/* A register is chosen by writing its number here, and read or written there; as indices of 32-bit words. */
#define SELECT 0
#define WINDOW 4

#define VERSION        1
#define REDIRECTION(n) (0x10 + 2 * (n)) /* and the next: the high half */

#define ENTRY_LOW         (1u << 13)
#define ENTRY_LEVEL       (1u << 15)
#define ENTRY_MASKED      (1u << 16)
#define ENTRY_DESTINATION 24 /* first bit, in the high half */

#define PROBE (ENTRY_MASKED | 0x5a) /* what is written there is kept by an I/O APIC, and hardly by anything else */

#define IO_APICS_MAX ACPI_IO_APICS_MAX
#define LINES_MAX    64

struct io_apic {
	volatile uint32_t *registers;
	uint32_t gsi_base;
	unsigned int pins;
};

/* A pin in use, and what stands in its redirection entry when it is not masked. */
struct line {
	const struct io_apic *apic;
	unsigned int pin;
	uint32_t low, high;
};

static struct {
	struct io_apic apics[IO_APICS_MAX];
	unsigned int apic_count;
	struct line lines[LINES_MAX];
	unsigned int line_count;
	unsigned int pins;
} io;

static uint32_t read_register(const struct io_apic *apic, unsigned int number)
{
	apic->registers[SELECT] = number;
	return apic->registers[WINDOW];
}

static void write_register(const struct io_apic *apic, unsigned int number, uint32_t value)
{
	apic->registers[SELECT] = number;
	apic->registers[WINDOW] = value;
}

int io_apic_add(void *registers, uint32_t gsi_base)
{
	struct io_apic *apic = &io.apics[io.apic_count];
	uint32_t version;

	if (io.apic_count == IO_APICS_MAX)
		return -ENOSPC;
	*apic = (struct io_apic){registers, gsi_base, 0};
	version = read_register(apic, VERSION);
	write_register(apic, REDIRECTION(0), PROBE);
	if (version == UINT32_MAX || read_register(apic, REDIRECTION(0)) != PROBE ||
	        read_register(apic, VERSION) != version)
		return -ENODEV;
	apic->pins = (version >> 16 & 0xff) + 1;
	for (unsigned int pin = 0; pin < apic->pins; pin++)
		write_register(apic, REDIRECTION(pin), ENTRY_MASKED);
	io.apic_count++;
	io.pins += apic->pins;
	return 0;
}

static const struct io_apic *find(uint32_t gsi)
{
	for (unsigned int i = 0; i < io.apic_count; i++) {
		if (gsi >= io.apics[i].gsi_base && gsi - io.apics[i].gsi_base < io.apics[i].pins)
			return &io.apics[i];
	}
	return NULL;
}

int io_apic_connect(const struct io_apic_line *line)
{
	const struct io_apic *apic = find(line->gsi);

	if (apic == NULL)
		return -ENOENT;
	if (io.line_count == LINES_MAX)
		return -ENOSPC;
	io.lines[io.line_count] = (struct line){
	        .apic = apic,
	        .pin = line->gsi - apic->gsi_base,
	        .low = line->vector | (line->is_low ? ENTRY_LOW : 0) | (line->is_level ? ENTRY_LEVEL : 0),
	        .high = line->cpu << ENTRY_DESTINATION,
	};
	return (int)io.line_count++;
}

static void mask(unsigned int number)
{
	const struct line *line = &io.lines[number];

	write_register(line->apic, REDIRECTION(line->pin), line->low | ENTRY_MASKED);
}

/* The destination first: once the low half is written, interrupts come. */
static void unmask(unsigned int number)
{
	const struct line *line = &io.lines[number];

	write_register(line->apic, REDIRECTION(line->pin) + 1, line->high);
	write_register(line->apic, REDIRECTION(line->pin), line->low);
}

/* The local APIC tells the I/O APICs when a level-triggered one has ended. */
const struct interrupt_chip io_apic_chip = {"I/O APIC", mask, unmask, local_apic_end};

unsigned int io_apic_pins(void)
{
	return io.pins;
}
