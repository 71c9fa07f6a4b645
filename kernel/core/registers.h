/*
 * The registers of a trap frame, in words and numbers.
 */
#ifndef CORE_REGISTERS_H
#define CORE_REGISTERS_H

#include "trap.h"

/* [irq] Prints all of them, with those of the CPU; `cr2` is given, for it does not stay. Seven lines. */
void registers_print(const struct trap_frame *frame, uint64_t cr2);

/*
 * [irq] Prints a line for each of the general registers that holds no canonical address, with what the describers know
 * of such a value: one of them may be the address that a general protection fault is about.
 */
void registers_print_not_canonical(const struct trap_frame *frame);

#endif
