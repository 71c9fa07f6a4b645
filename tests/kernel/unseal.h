/*
 * Tests change what the kernel has sealed (linker.h): while WP is off, the CPU writes to read-only pages.
 */
#ifndef TESTS_UNSEAL_H
#define TESTS_UNSEAL_H

#include "core/log.h"
#include "cpu.h"
#include "trap.h"

/* How it was before, for seal(). */
struct unsealed {
	uint64_t flags, cr0;
};

static inline struct unsealed unseal(void)
{
	struct unsealed before = {.flags = cpu_interrupts_save(), .cr0 = cpu_read_cr0()};

	cpu_write_cr0(before.cr0 & ~CPU_CR0_WP);
	return before;
}

static inline void seal(struct unsealed before)
{
	cpu_write_cr0(before.cr0);
	cpu_interrupts_restore(before.flags);
}

/* As trap_set_handler() and log_add_sink(), at any time. */
static inline trap_handler *unsealed_set_handler(unsigned int vector, trap_handler *handler)
{
	struct unsealed before = unseal();
	trap_handler *others = trap_set_handler(vector, handler);

	seal(before);
	return others;
}

static inline void unsealed_add_sink(const struct log_sink *sink)
{
	struct unsealed before = unseal();

	log_add_sink(sink);
	seal(before);
}

#endif
