/*
 * Port accesses of files under test, which go to the test. To be included after host_arch.h, which takes cpu.h's place.
 */
#ifndef TESTS_HOST_PORTS_H
#define TESTS_HOST_PORTS_H

#include <stdint.h>

/* What the test puts behind the ports; `size` is 1, 2 or 4 bytes. */
uint32_t host_ports_read(uint16_t port, unsigned int size);
void host_ports_write(uint16_t port, unsigned int size, uint32_t value);

static inline uint8_t cpu_in8(uint16_t port)
{
	return (uint8_t)host_ports_read(port, 1);
}

static inline void cpu_out8(uint16_t port, uint8_t value)
{
	host_ports_write(port, 1, value);
}

static inline uint32_t cpu_in32(uint16_t port)
{
	return host_ports_read(port, 4);
}

static inline void cpu_out16(uint16_t port, uint16_t value)
{
	host_ports_write(port, 2, value);
}

static inline void cpu_out32(uint16_t port, uint32_t value)
{
	host_ports_write(port, 4, value);
}

#endif
