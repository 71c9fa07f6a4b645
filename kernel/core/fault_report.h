/*
 * What a report says about a fault, part by part.
 */
#ifndef CORE_FAULT_REPORT_H
#define CORE_FAULT_REPORT_H

#include "trap.h"

struct fault {
	struct trap_frame frame;
	uint64_t address; /* CR2 when it came */
};

typedef void fault_report_part(const struct fault *fault);

/* In the order in which they are printed; NULL is behind the last. Each may fault: then the next one has its turn. */
extern fault_report_part *const fault_report_parts[];

/* [irq] Who called the code that faulted; returns how many lines that were. */
unsigned int fault_report_print_callers(const struct trap_frame *frame);

#endif
