#include "trap.h"

#include "cpu_identity.h"
#include "descriptors.h"

/* The CPU has the AC flag's override (SMAP), so entry clears it. CLAC is an invalid opcode elsewhere. */
bool trap_clears_ac;

static trap_handler *handlers[TRAP_VECTORS];

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
