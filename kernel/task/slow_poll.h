/*
 * A poll should take microseconds: while it lasts, no other task of this CPU runs. One that takes long is noted in the
 * log.
 */
#ifndef TASK_SLOW_POLL_H
#define TASK_SLOW_POLL_H

#include "task/task.h"

/*
 * [task] After a poll that took so many ticks of the time-stamp counter: keeps a line in the log if that is more than a
 * millisecond. It is kept, not shown, and once for each place: a machine that is emulated may stand still at any time.
 * Returns how many ticks are still not slow; 0 while that is not known.
 */
uint64_t slow_poll_check(struct task *task, uint64_t ticks, bool is_over);

#endif
