/*
 * The one thread of each host CPU: that of its executor. What is below threads on a machine, other threads, is not
 * there: who parks lets the CPU sleep.
 */
#ifndef TESTS_HOST_THREAD_H
#define TESTS_HOST_THREAD_H

#include "core/run_queue.h"

/* Makes what runs on this CPU a thread, before executor_start(). `pend` ends the sleep of its CPU; NULL: interrupts do.
 */
void host_thread_start(void (*pend)(struct run_queue *inbox));

/* The inbox of this CPU's thread. */
struct run_queue *host_thread_inbox(void);

#endif
