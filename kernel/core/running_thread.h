/*
 * Whose stack this is, for reports: who knows threads says so here.
 */
#ifndef CORE_RUNNING_THREAD_H
#define CORE_RUNNING_THREAD_H

/* [init] From here on `name` is asked. */
void running_thread_start(const char *(*name)(void));

/* [irq] The name of the thread that runs on this CPU, for a report's line; NULL: there is nothing to tell. */
const char *running_thread_name(void);

#endif
