/*
 * Tests change what the kernel has sealed (linker.h): while WP is off, the CPU writes to read-only pages.
 */
#ifndef TESTS_UNSEAL_H
#define TESTS_UNSEAL_H

#include "core/log.h"
#include "cpu.h"
#include "trap.h"

static inline uint64_t unseal(void)
{
	uint64_t flags = cpu_interrupts_save();

	cpu_write_cr0(cpu_read_cr0() & ~CPU_CR0_WP);
	return flags;
}

static inline void seal(uint64_t flags)
{
	cpu_write_cr0(cpu_read_cr0() | CPU_CR0_WP);
	cpu_interrupts_restore(flags);
}

/* As trap_set_handler() and log_add_sink(), at any time. */
static inline trap_handler *unsealed_set_handler(unsigned int vector, trap_handler *handler)
{
	uint64_t flags = unseal();
	trap_handler *before = trap_set_handler(vector, handler);

	seal(flags);
	return before;
}

static inline void unsealed_add_sink(const struct log_sink *sink)
{
	uint64_t flags = unseal();

	log_add_sink(sink);
	seal(flags);
}

#endif
