/*
 * The registry of drivers: each stands in its own file and enters itself here; nobody calls one by name.
 */
#ifndef DEV_DRIVER_H
#define DEV_DRIVER_H

#include "linker.h"

struct driver {
	const char *name;
	/* Looks for the device and, if it is there, takes it into service. */
	void (*start)(void);
};

LINKER_TABLE(struct driver, drivers);

/* One line at the end of the driver's file: DRIVER(debug_port, debug_port_start) */
#define DRIVER(identifier, function)                                                                                   \
	static const struct driver driver_##identifier                                                                 \
	        __attribute__((used, section(".drivers"), aligned(8))) = {#identifier, function}

/* [init] Starts every driver. */
void driver_start_all(void);

#endif
