/*
 * I/O APICs (data sheet of the 82093AA): lines of devices, each sent to a CPU as a vector. Their pins are counted
 * through all of them as global system interrupts (GSI), from the base of each on.
 */
#ifndef ARCH_IO_APIC_H
#define ARCH_IO_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "interrupt_chip.h"

#define IO_APIC_SIZE 32 /* bytes of registers */

struct io_apic_line {
	uint32_t gsi;
	uint32_t cpu; /* the local APIC it is sent to */
	uint8_t vector;
	bool is_low, is_level; /* else active high; else edge-triggered */
};

/* [init] Takes one into service, whose registers are mapped at `registers`, and masks its pins. -ENOSPC: one too many.
 */
int io_apic_add(void *registers, uint32_t gsi_base);

/*
 * [init] Says how a line works and whom it interrupts; it stays masked. Returns its number for io_apic_chip, -ENOENT if
 * no I/O APIC has that GSI, -ENOSPC if too many are connected.
 */
int io_apic_connect(const struct io_apic_line *line);

extern const struct interrupt_chip io_apic_chip;

/* [any] How many pins all of them have together. */
unsigned int io_apic_pins(void);

#endif
