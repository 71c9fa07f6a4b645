/*
 * Functions that other CPUs run. Each CPU has one order, which it gives to as many others as it likes; who is to carry
 * it out has the giver's bit in its inbox, and an interrupt tells him to look. Nothing is allocated and nothing can
 * become full. docs/smp.md tells why no order is lost. Rules:
 *  - The function runs in an interrupt, or while its CPU waits for an order of its own. It takes no lock, gives no
 *    order, and is short: all wait for the slowest.
 *  - Who gives an order holds no lock: one of those who are to run it may be waiting for that, with interrupts off.
 *    Breaking this is a panic.
 */
#ifndef CORE_CROSS_CALL_H
#define CORE_CROSS_CALL_H

#include "core/cpus.h"

/* [init] Takes the vectors into service. */
void cross_call_start(void);

/* [irq] Lets those of the CPUs that are online run function(context), but not the caller's; returns when all have. */
void cross_call(const struct cpu_set *cpus, void (*function)(void *context), void *context);

/* [irq] The same for one. */
void cross_call_one(uint32_t cpu, void (*function)(void *context), void *context);

/* [irq] The same for all others. */
void cross_call_others(void (*function)(void *context), void *context);

/*
 * [irq] The same without waiting: what the context points at stays until the function has run everywhere. The next
 * order of this CPU waits for that, and so does cross_call_wait(), before which nothing may take the caller to another
 * CPU.
 */
void cross_call_later(const struct cpu_set *cpus, void (*function)(void *context), void *context);
void cross_call_wait(void);

struct cross_call_count {
	uint64_t kicks; /* interrupts that came */
	uint64_t calls;
	uint64_t orders; /* carried out: more than one interrupt may tell of */
};

/* [irq] Of a CPU that is online. */
struct cross_call_count cross_call_count(uint32_t cpu);

#endif
