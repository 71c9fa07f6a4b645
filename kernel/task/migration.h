/*
 * Threads go from CPU to CPU. docs/scheduler.md tells when, and why no wake gets lost on the way. Rules:
 *  - Whose a thread is, thread->cpu says, and only who holds the lock of that CPU's scheduler changes it, or anything
 * else of the thread. Two schedulers are never locked at once: on its way a thread is in no queue, parked.
 *  - One on whose stack a CPU still is stays: its context is not saved. It is that scheduler's `current`.
 *  - Wherever a thread begins to wait for its turn it is offered to an idle CPU. Who becomes idle looks itself; each
 * tells first (the queue, the set of idle ones) and looks then, with a fence between. Who was asked to look and has
 * something else to do by then asks the others. So no CPU sleeps while a thread waits that may run there.
 */
#ifndef TASK_MIGRATION_H
#define TASK_MIGRATION_H

#include "task/scheduler.h"

/* There are, or were about to be, several CPUs. With one, this is all that is looked at. */
extern bool migration_is_possible;

/* [init] Before a CPU's first thread: it is not the boot CPU. */
void migration_start(void);

/* [irq] Here and below with the lock of that scheduler held, if nothing else is said. */
static inline bool migration_may_run(const struct scheduler *there, const struct thread *thread)
{
	return cpu_set_has(&thread->affinity, there->cpu);
}

/* [irq] A thread that was woken, and is in no queue, becomes another CPU's if that is better; or is already. True: that
 * one is to get the wake. */
bool migration_forward(struct scheduler *here, struct thread *thread);

/* [irq] One that was woken has come from another CPU. */
void migration_settle_in(struct scheduler *here, struct thread *thread);

/* [irq] A new thread, in no queue, goes to a better CPU than this; false: there is none. */
bool migration_begin_elsewhere(struct scheduler *here, struct thread *thread);

/* [irq] A thread waits here: an idle CPU where it may run looks for what it can steal. Or all who wait. */
void migration_offer(const struct thread *thread);
void migration_offer_all(const struct scheduler *here);

/* [irq] This CPU was idle, and was asked to look who waits elsewhere, or could not look everywhere; if it has somebody
 * to run by now, all other idle ones are to look instead. */
void migration_ask_others(const struct scheduler *here);

/* [irq] No lock is held. A thread that waits on another CPU is this one's from now on, in no queue; or NULL. It waits
 * for nobody: `was_busy` says that somebody's queue was in use, so there may be one all the same. */
struct thread *migration_steal(bool *was_busy);

/* [irq] And now it waits here; or goes on, if it may not run here any more. */
void migration_take_in(struct scheduler *here, struct thread *stolen);

/* [irq] The current thread, in no queue, may not run here: it goes as soon as another runs here. */
void migration_expel(struct scheduler *here, struct thread *thread);

/* [irq] The thread that ran last may not have wanted to stop, or may not stay. Its context is saved. */
void migration_see_off(struct scheduler *here, struct thread *leaver);

/* [irq] No lock is held, interrupts are off: locks the scheduler of the CPU whose the thread is. */
struct scheduler *migration_lock_home(const struct thread *thread);

#endif
