/*
 * The chips that interrupt a CPU once, after a while.
 */
#ifndef TIME_EVENT_SOURCE_H
#define TIME_EVENT_SOURCE_H

#include "time/timer.h"

/*
 * [init] The best there is on this CPU: the local APIC's timer, by the time-stamp counter where it can; else the PIT;
 * NULL if neither interrupts. The clock must run: the APIC's rate is measured with it, from now on, without waiting.
 */
const struct timer_event *event_source_start(void);

/* [init] The same on another CPU, which has a local APIC as the boot CPU has: nothing is measured anew. */
void event_source_start_cpu(void);

/* [irq] What runs only to be measured is measured and stopped: from here on nothing interrupts unless it is armed. */
void event_source_settle(void);

#endif
