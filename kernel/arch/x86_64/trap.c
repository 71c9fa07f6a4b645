#include "trap.h"

#include "cpu_identity.h"
#include "cpu.h"
#include "descriptors.h"
#include "interrupts_off.h"
#include "linker.h"
#include "percpu.h"
#include "preempt.h"

/* The CPU has the AC flag's override (SMAP), so entry clears it. CLAC is an invalid opcode elsewhere. */
SEALED bool trap_clears_ac;

static SEALED trap_handler *handlers[TRAP_VECTORS];

/* Who looks on, while it is wanted. */
static SEALED trap_observer *observer;
static bool is_observed;

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

void trap_set_observer(trap_observer *who)
{
	observer = who;
}

void trap_observe(bool wanted)
{
	__atomic_store_n(&is_observed, wanted, __ATOMIC_SEQ_CST);
}

static __attribute__((noinline, cold)) void dispatch_observed(struct trap_frame *frame)
{
	observer(frame, true);
	handlers[frame->vector](frame);
	observer(frame, false);
}

void trap_dispatch(struct trap_frame *frame)
{
	bool were_on = (frame->rflags & CPU_FLAGS_IF) != 0;

	if (were_on)
		interrupts_off_begin_at((uintptr_t)handlers[frame->vector]);
	if (__builtin_expect(is_observed, false))
		dispatch_observed(frame);
	else
		handlers[frame->vector](frame);
	if (preempt_is_due() && frame->vector >= TRAP_EXCEPTIONS)
		preempt_make_room();
	if (were_on)
		interrupts_off_end();
}

bool trap_try(void (*function)(void *context), void *context)
{
	bool done;

	preempt_disable(); /* the attempt is this CPU's, and another thread may not begin one before it has ended */
	done = trap_try_call(percpu(innermost_try), function, context);
	preempt_enable();
	return done;
}

bool trap_is_trying(void)
{
	return *percpu(innermost_try) != 0;
}

void trap_abandon(void)
{
	trap_try_leave(percpu(innermost_try));
}
