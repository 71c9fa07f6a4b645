/*
 * What the CPU tells about errors of the hardware (machine-check architecture, Intel SDM volume 3, chapter 15).
 */
#ifndef ARCH_MACHINE_CHECK_H
#define ARCH_MACHINE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* Bits of `status`. */
#define MACHINE_CHECK_ADDRESS_VALID   (1ull << 58)
#define MACHINE_CHECK_UNCORRECTED     (1ull << 61)
#define MACHINE_CHECK_CONTEXT_DAMAGED (1ull << 57)
#define MACHINE_CHECK_CODE            0xffffull

struct machine_check {
	uint64_t status;
	uint64_t address; /* 0 if the CPU does not know it */
};

/* [init] From now on errors that the hardware cannot mend are exception 18 on this CPU, instead of a shutdown. */
void machine_check_start(void);

/* [irq] How many banks this CPU reports errors in; 0 if it has none. */
unsigned int machine_check_banks(void);

/* [irq] What a bank holds; false if there is no error in it. */
bool machine_check_read(unsigned int bank, struct machine_check *check);

#endif
