/*
 * The report of an exception that nobody else handles.
 */
#ifndef CORE_FAULT_H
#define CORE_FAULT_H

/* [init] Loads the descriptor tables; from here on every exception is explained instead of resetting the machine. */
void fault_start(void);

#endif
