#include "dev/driver.h"

void driver_start_all(void)
{
	for (const struct driver *d = linker_drivers_start; d != linker_drivers_end; d++)
		d->start();
}
