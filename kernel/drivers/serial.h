/*
 * The first serial port as a place to write to: 115200 baud, 8 data bits, no parity, 1 stop bit.
 */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

/* [init] Programs COM1 and adds it to the log's sinks; does nothing where there is no such port. */
void serial_start(void);

#endif
