/*
 * The pair of 8259 interrupt controllers.
 */
#ifndef ARCH_PIC_H
#define ARCH_PIC_H

#include <stdbool.h>

#include "interrupt_chip.h"

#define PIC_LINES 16

/* [init] Moves the lines to VECTOR_8259 and masks all of them. */
void pic_start(void);

/* Line 0 to 15. */
extern const struct interrupt_chip pic_chip;

/*
 * [irq] A line that falls back before the CPU asks is delivered as line 7, of the slave as 15, and not in service then
 * (data sheet of the 8259A, "IR7 as default"). If so, nothing has to be handled and nothing ended any more.
 */
bool pic_is_spurious(unsigned int line);

/* [irq] Is the line level-triggered? So are those the firmware has set up for PCI (ELCR, data sheet of the 82371SB). */
bool pic_is_level(unsigned int line);

/* [init] Makes a line that PCI devices share level-triggered. */
void pic_set_level(unsigned int line);

#endif
