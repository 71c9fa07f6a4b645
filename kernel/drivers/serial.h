/*
 * The first serial port: 115200 baud, 8 data bits, no parity, 1 stop bit. It is a place to write to from the kernel's
 * second line on; what comes in is received when the machine has interrupts and tasks.
 */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

#include "task/stream.h"

/* [init] Programs COM1 and adds it to the log's sinks; does nothing where there is no such port. */
void serial_start(void);

/* [any] How many characters were never sent because the port took none for too long. */
uint64_t serial_unsent(void);

/* What comes in, in order: a byte, and what was wrong with the line. */
extern struct stream serial_bytes;
#define SERIAL_OVERRUN 0x100 /* one or more got lost before this one */
#define SERIAL_DAMAGED 0x200 /* it had no end, or not the parity that was agreed */
#define SERIAL_BREAK   0x400 /* it is none: the line was held */

/*
 * [thread] What comes in goes into serial_bytes from now on. When that is full, the other side is told to wait (RTS)
 * and nothing more is taken out of the port. -ENODEV: there is no port.
 */
int serial_receive_start(void);

/* [irq] For who takes bytes out of serial_bytes: there may be room for more now. */
void serial_receive_more(void);

#endif
