/*
 * The watchdog: is anything stuck? `watchdog=` asks for it. Each CPU looks after itself while it is awake, by a timer
 * of its own, and after the others: a task that does not end its turn, a thread that lets nobody else run, a CPU that
 * does not even take interrupts, who waits too long for what somebody owes him (task/hung.h). Each trouble is told of
 * once. When all CPUs sleep and nobody waits so, nobody looks: the timers end.
 */
#ifndef TASK_WATCHDOG_H
#define TASK_WATCHDOG_H

#include <stdbool.h>

extern bool watchdog_is_on;

/* [irq] With interrupts off, on a CPU that is awake: looks some time later, if that is not to be anyway; and sees to it
 * that another CPU does, too, if none is about to. */
void watchdog_look_later(void);

/* [irq] For the scheduler, with its lock held: this CPU has slept, and has something to do now. */
static inline void watchdog_awake(void)
{
	if (__builtin_expect(watchdog_is_on, 0))
		watchdog_look_later();
}

#endif
