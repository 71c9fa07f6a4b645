/*
 * The pair of 8259 interrupt controllers.
 */
#ifndef ARCH_PIC_H
#define ARCH_PIC_H

#define PIC_FIRST_VECTOR 32 /* of 16; the firmware's choice collides with the exceptions */

/* [init] Moves the lines to PIC_FIRST_VECTOR and masks all of them. */
void pic_start(void);

#endif
