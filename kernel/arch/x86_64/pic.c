#include "pic.h"

#include <stdint.h>

#include "cpu.h"
#include "vectors.h"

/* Ports and command words of the 8259A's data sheet. */
#define MASTER_COMMAND 0x20
#define MASTER_DATA    0x21
#define SLAVE_COMMAND  0xa0
#define SLAVE_DATA     0xa1

#define ICW1_BEGIN      0x11 /* four words, cascaded, edge-triggered */
#define ICW3_MASTER     (1 << CASCADE)
#define ICW3_SLAVE      CASCADE
#define ICW4_8086       0x01
#define OCW2_END        0x60 /* of the line in the low three bits */
#define OCW3_IN_SERVICE 0x0b /* the next read gives the lines being handled */

#define CASCADE      2 /* the slave hangs at this line */
#define MASTER_LINES 8

/* Edge/level control: a bit for each line. */
#define ELCR_MASTER     0x4d0
#define ELCR_SLAVE      0x4d1
#define ELCR_IMPOSSIBLE 0x2107 /* timer, keyboard, cascade, clock, coprocessor */

static uint16_t masked = 0xffff;

static void write_masks(void)
{
	cpu_out8(MASTER_DATA, (uint8_t)masked);
	cpu_out8(SLAVE_DATA, (uint8_t)(masked >> 8));
}

void pic_start(void)
{
	cpu_out8(MASTER_COMMAND, ICW1_BEGIN);
	cpu_out8(SLAVE_COMMAND, ICW1_BEGIN);
	cpu_out8(MASTER_DATA, VECTOR_8259);
	cpu_out8(SLAVE_DATA, VECTOR_8259 + MASTER_LINES);
	cpu_out8(MASTER_DATA, ICW3_MASTER);
	cpu_out8(SLAVE_DATA, ICW3_SLAVE);
	cpu_out8(MASTER_DATA, ICW4_8086);
	cpu_out8(SLAVE_DATA, ICW4_8086);
	write_masks();
}

static void mask(unsigned int line)
{
	masked |= (uint16_t)(1u << line);
	if (masked >> MASTER_LINES == 0xff)
		masked |= 1 << CASCADE;
	write_masks();
}

static void unmask(unsigned int line)
{
	masked &= (uint16_t) ~(1u << line);
	if (line >= MASTER_LINES)
		masked &= (uint16_t) ~(1u << CASCADE);
	write_masks();
}

static void end(unsigned int line)
{
	if (line >= MASTER_LINES) {
		cpu_out8(SLAVE_COMMAND, (uint8_t)(OCW2_END | (line - MASTER_LINES)));
		line = CASCADE;
	}
	cpu_out8(MASTER_COMMAND, (uint8_t)(OCW2_END | line));
}

const struct interrupt_chip pic_chip = {"8259", mask, unmask, end};

/* The slave's spurious interrupt went through the master, where it is in service all the same. */
bool pic_is_spurious(unsigned int line)
{
	uint16_t port = line < MASTER_LINES ? MASTER_COMMAND : SLAVE_COMMAND;

	if (line % MASTER_LINES != MASTER_LINES - 1)
		return false;
	cpu_out8(port, OCW3_IN_SERVICE);
	if (cpu_in8(port) & 1 << (MASTER_LINES - 1))
		return false;
	if (line >= MASTER_LINES)
		cpu_out8(MASTER_COMMAND, OCW2_END | CASCADE);
	return true;
}

/* Where lines that cannot be so say that they are level-triggered, there is no such register. */
bool pic_is_level(unsigned int line)
{
	uint16_t levels = (uint16_t)(cpu_in8(ELCR_MASTER) | cpu_in8(ELCR_SLAVE) << 8);

	return !(levels & ELCR_IMPOSSIBLE) && (levels >> line & 1);
}

void pic_set_level(unsigned int line)
{
	uint16_t port = line < MASTER_LINES ? ELCR_MASTER : ELCR_SLAVE;

	if (!(ELCR_IMPOSSIBLE >> line & 1))
		cpu_out8(port, (uint8_t)(cpu_in8(port) | 1u << line % MASTER_LINES));
}
