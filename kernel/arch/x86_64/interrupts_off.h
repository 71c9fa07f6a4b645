/*
 * How long interrupts were off at most, and where: in a debug build, which looks each time. The time a sleep or a
 * program takes is none of it.
 */
#ifndef ARCH_INTERRUPTS_OFF_H
#define ARCH_INTERRUPTS_OFF_H

#include <stdint.h>

struct interrupts_off {
	uint64_t since;         /* the time-stamp counter; 0: they are on, or nobody saw them go off */
	uintptr_t from;         /* who turned them off, or whose interrupt it is */
	uint64_t longest;       /* ticks */
	uintptr_t begins, ends; /* where the longest did */
};

#ifdef DEBUG
/* [irq] For cpu.h and trap.c: they were on, and are off now; and they are off, and about to be on. Who does it for his
 * caller names that. */
void interrupts_off_begin(void);
void interrupts_off_begin_at(uintptr_t from);
void interrupts_off_end(void);
void interrupts_off_end_at(uintptr_t to);

/* [irq] Of a CPU that has a block. */
const struct interrupts_off *interrupts_off_of(uint32_t cpu);
#else
static inline void interrupts_off_begin(void) {}

static inline void interrupts_off_begin_at(uintptr_t from)
{
	(void)from;
}

static inline void interrupts_off_end(void) {}

static inline void interrupts_off_end_at(uintptr_t to)
{
	(void)to;
}

static inline const struct interrupts_off *interrupts_off_of(uint32_t cpu)
{
	static const struct interrupts_off none;

	(void)cpu;
	return &none;
}
#endif

#endif
