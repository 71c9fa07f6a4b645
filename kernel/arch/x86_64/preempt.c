#include "preempt.h"

#include <stddef.h>

#include "cpu.h"
#include "linker.h"

static SEALED void (*make_room)(void);

void preempt_start(void (*how)(void))
{
	make_room = how;
}

void preempt_make_room(void)
{
	make_room();
}

void preempt_make_room_if_possible(void)
{
	if (cpu_interrupts_enabled())
		make_room();
}
