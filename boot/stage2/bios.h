/* Calls to the BIOS from 32-bit code: one gate (bios_call.asm) and what every caller needs with it. */
#ifndef STAGE2_BIOS_H
#define STAGE2_BIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which bios_call.asm pushes and pops them. */
struct bios_registers {
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint16_t ds, es;
	uint32_t flags; /* on return only */
};
_Static_assert(sizeof(struct bios_registers) == 40, "bios_call.asm knows this size");
_Static_assert(offsetof(struct bios_registers, ds) == 32, "bios_call.asm knows this order");

#define BIOS_CARRY 1u

/* Calls INT `vector`. `registers` lies on the stack: the gate reaches only the lowest 64 KiB. */
void bios_call(unsigned vector, struct bios_registers *registers);

/* Called after each BIOS call, unless it is NULL. */
extern void (*bios_watch)(void);

static inline bool bios_failed(const struct bios_registers *registers)
{
	return registers->flags & BIOS_CARRY;
}
static inline uint8_t bios_ah(const struct bios_registers *registers)
{
	return registers->eax >> 8;
}

/* A pointer below 1 MiB as the BIOS wants it. */
static inline uint16_t bios_segment(const void *pointer)
{
	return (uint32_t)pointer >> 4;
}
static inline uint16_t bios_offset(const void *pointer)
{
	return (uint32_t)pointer & 15;
}
/* A pointer into the lowest 64 KiB, for a register whose segment is 0. */
static inline uint32_t bios_near(const void *pointer)
{
	return (uint32_t)pointer;
}

/* Words of the BIOS data area. */
#define BIOS_DATA_EBDA      0x40eu
#define BIOS_DATA_SHIFT     0x417u
#define BIOS_DATA_FIRST_KEY 0x41au /* in the keyboard's buffer */
#define BIOS_DATA_LAST_KEY  0x41cu
#define BIOS_DATA_MODE      0x449u
#define BIOS_DATA_COLUMNS   0x44au
#define BIOS_DATA_PAGE      0x44eu /* where in video memory the page begins that is shown */
#define BIOS_DATA_CURSOR    0x450u
#define BIOS_DATA_TICKS     0x46cu /* 18.2 Hz; counts only while interrupts are on, that is inside BIOS calls */
#define BIOS_DATA_ROWS      0x484u

/* Low memory. The compiler takes addresses below 4096 for null pointers gone wrong; hide where they come from. */
static inline volatile void *low_memory(uint32_t address)
{
	__asm__("" : "+r"(address));
	return (volatile void *)address;
}
static inline uint8_t low_read8(uint32_t address)
{
	return *(volatile uint8_t *)low_memory(address);
}
static inline uint16_t low_read16(uint32_t address)
{
	return *(volatile uint16_t *)low_memory(address);
}

static inline void low_write16(uint32_t address, uint16_t value)
{
	*(volatile uint16_t *)low_memory(address) = value;
}

static inline void port_write8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline uint8_t port_read8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline void port_write16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

#endif
