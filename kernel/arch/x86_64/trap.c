#include "trap.h"

#include "cpu_identity.h"
#include "descriptors.h"
#include "linker.h"
#include "percpu.h"

/* The CPU has the AC flag's override (SMAP), so entry clears it. CLAC is an invalid opcode elsewhere. */
SEALED bool trap_clears_ac;

static SEALED trap_handler *handlers[TRAP_VECTORS];

/* The stack pointer kept by the innermost trap_try() that has not returned; 0 if there is none. */
static PERCPU(uint64_t, innermost_try);

void trap_start(trap_handler *fallback)
{
	for (unsigned int vector = 0; vector < TRAP_VECTORS; vector++)
		handlers[vector] = fallback;
	trap_clears_ac = cpu_has(CPU_SMAP);
	descriptors_start();
}

trap_handler *trap_set_handler(unsigned int vector, trap_handler *handler)
{
	trap_handler *before = handlers[vector];

	handlers[vector] = handler;
	return before;
}

void trap_dispatch(struct trap_frame *frame)
{
	handlers[frame->vector](frame);
}

bool trap_try(void (*function)(void *context), void *context)
{
	return trap_try_call(percpu(innermost_try), function, context);
}

bool trap_is_trying(void)
{
	return *percpu(innermost_try) != 0;
}

void trap_abandon(void)
{
	trap_try_leave(percpu(innermost_try));
}
