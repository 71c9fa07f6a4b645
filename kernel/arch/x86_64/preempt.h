/*
 * May the thread that runs be made to wait for another, and is it to be? One word of this CPU answers both: its lower
 * bits count the reasons why it may not, its highest bit says that nobody wants it. So the word is zero when it must
 * make room now, and each place where it could looks for nothing else.
 *
 * Those places: the end of an interrupt, preempt_enable(), the unlocking of a spinlock and a wake. With interrupts off
 * nobody is made to wait; who turns them off by hand and wakes somebody meanwhile delays him until the next of those
 * places. Who wants a switch on another CPU sends that an interrupt, whose handler requests it there.
 */
#ifndef ARCH_PREEMPT_H
#define ARCH_PREEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "percpu.h"

#define PREEMPT_NOT_WANTED (1u << 31)

/* [init] Who makes room: it is called with interrupts on or off and leaves them so. One for all CPUs. */
void preempt_start(void (*make_room)(void));

/* [irq] Makes room, whatever the word says. Not while a lock is held. */
void preempt_make_room(void);

/* [irq] The same, unless interrupts are off: then a later place will. */
void preempt_make_room_if_possible(void);

/* [irq] Until preempt_enable(), no other thread runs on this CPU, and this one on no other. May be nested. */
static inline void preempt_disable(void)
{
	__asm__ volatile("incl %%gs:12" ::: "memory", "cc");
}

/* [irq] This CPU's thread is to make room, as soon as it may. */
static inline void preempt_request(void)
{
	__asm__ volatile("andl %0, %%gs:12" ::"i"((int32_t)~PREEMPT_NOT_WANTED) : "memory", "cc");
}

/* [irq] Nobody wants it any more. */
static inline void preempt_withdraw(void)
{
	__asm__ volatile("orl %0, %%gs:12" ::"i"((int32_t)PREEMPT_NOT_WANTED) : "memory", "cc");
}

/* [irq] Must it make room now, as far as this word knows? */
static inline bool preempt_is_due(void)
{
	bool due;

	__asm__ volatile("cmpl $0, %%gs:12" : "=@ccz"(due)::"memory");
	return due;
}

/* [irq] Does somebody want it to, now or later? */
static inline bool preempt_is_wanted(void)
{
	uint32_t word;

	__asm__ volatile("movl %%gs:12, %0" : "=r"(word));
	return (word & PREEMPT_NOT_WANTED) == 0;
}

/* [irq] How many reasons there are not to. */
static inline uint32_t preempt_depth(void)
{
	uint32_t word;

	__asm__ volatile("movl %%gs:12, %0" : "=r"(word));
	return word & ~PREEMPT_NOT_WANTED;
}

/* [irq] */
static inline void preempt_enable(void)
{
	bool due;

	__asm__ volatile("decl %%gs:12" : "=@ccz"(due)::"memory");
	if (due)
		preempt_make_room_if_possible();
}

#endif
