#include "core/run_queue.h"

#ifdef DEBUG
#include "core/panic.h"
#include "cpu.h"
#include "preempt.h"

void run_queue_check(void)
{
	if (preempt_depth() == 0 && cpu_interrupts_enabled())
		panic("Somebody is woken where another thread could run before that is done.");
}
#endif
