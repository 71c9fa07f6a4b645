/*
 * What an interrupt controller can do with one of its lines. `line` is the controller's own number for it. All three
 * are
 * `[irq]`; core/irq.c calls mask and unmask under its lock, so that no controller needs one of its own.
 */
#ifndef ARCH_INTERRUPT_CHIP_H
#define ARCH_INTERRUPT_CHIP_H

struct interrupt_chip {
	const char *name;
	void (*mask)(unsigned int line);
	void (*unmask)(unsigned int line);
	void (*end)(unsigned int line); /* the interrupt was handled, the next may come */
};

#endif
