#include "pm_timer.h"

#include "cpu.h"

#define COUNT_MASK ((1u << PM_TIMER_BITS) - 1)
#define NOBODY     0xffffffffu /* what is read from a port where nothing is */

#define PORT_MIN 0x400 /* below it are the ports of the ISA bus: reading there may change something */

static uint16_t timer_port;

bool pm_timer_start(uint16_t port)
{
	timer_port = port;
	return port >= PORT_MIN && cpu_in32(port) != NOBODY;
}

uint64_t pm_timer_read(void)
{
	return cpu_in32(timer_port) & COUNT_MASK;
}
