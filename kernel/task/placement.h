/*
 * Which CPU a thread goes to. A CPU that is about to halt says so in a set, and looks afterwards whether another has
 * threads to spare; who has one takes a CPU out of the set, and with that the right to send it something. So an idle
 * CPU is sent one thread, and no thread goes to and fro between CPUs that are idle only just now.
 */
#ifndef TASK_PLACEMENT_H
#define TASK_PLACEMENT_H

#include "core/cpus.h"

/* [irq] With interrupts off: this CPU is idle, or not any more; true: it was asked to look meanwhile. */
void placement_enter_idle(void);
bool placement_leave_idle(void);

/* [irq] Is one of these CPUs online? */
bool placement_is_possible(const struct cpu_set *allowed);

/* [irq] One idle CPU of these, which nobody else is told from now on; CPUS_MAX: there is none. */
uint32_t placement_claim(const struct cpu_set *allowed);

/* [irq] One idle CPU of these is asked to look who waits elsewhere; false: there is none. */
bool placement_ask(const struct cpu_set *allowed);

/* [irq] The one of these CPUs where fewest threads wait for their turn; CPUS_MAX: none is online. */
uint32_t placement_emptiest(const struct cpu_set *allowed);

/* [irq] Of these CPUs an idle one, or else the emptiest; CPUS_MAX: none is online. */
uint32_t placement_any(const struct cpu_set *allowed);

/* [irq] Where most threads wait, of those that are not in the set yet, and puts it there; CPUS_MAX: nobody waits there.
 */
uint32_t placement_next_victim(struct cpu_set *seen);

#endif
