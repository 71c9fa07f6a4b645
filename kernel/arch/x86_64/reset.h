/*
 * Ways to restart the machine that every PC has.
 */
#ifndef ARCH_RESET_H
#define ARCH_RESET_H

/* [irq] By the chip set: the reset control register at port CF9h (Intel PCH data sheet, 12.7.5). May do nothing. */
void reset_by_chipset(void);

/* [irq] By a fault that cannot be delivered, nor the one about that: the CPU shuts down, and the board resets it. */
_Noreturn void reset_by_triple_fault(void);

#endif
