/*
 * For the watchdog: who waits too long for something that somebody owes him (struct wait's is_owed), be it a thread or
 * a task; and which thread could run, and has no turn.
 */
#ifndef TASK_HUNG_H
#define TASK_HUNG_H

#include <stdbool.h>
#include <stdint.h>

#define HUNG_TASKS_MAX 8u /* of a CPU that wait at a time: who comes behind is not told of */

/* One sentence, without a full stop at its end. */
typedef void hung_report(const char *text);

/*
 * [irq] In an interrupt that found no lock held: looks at this CPU's, and reports each once. Returns whether somebody
 * waits who was not told of.
 */
bool hung_look(uint64_t now_ns, uint64_t limit_ns, hung_report *report);

#endif
