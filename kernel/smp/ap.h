/*
 * One CPU that is started: its memory, and its way from the first line of C to its executor.
 */
#ifndef SMP_AP_H
#define SMP_AP_H

#include "ap_start.h"
#include "cpu_settings.h"

#define AP_NAME_MAX 32

struct ap {
	uint32_t cpu;
	void *stack, *block;
	uint64_t *gdt;                     /* a page of its own, which becomes read-only */
	const struct cpu_settings *wanted; /* the boot CPU's */
	struct cpu_settings settings;      /* its own, once it is not awaited any more */
	char names[3][AP_NAME_MAX];        /* of its regions */
};

/* [thread] Memory for a CPU, and what it starts with; NULL without. `wanted` stays. */
struct ap *ap_make(uint32_t cpu, const struct cpu_settings *wanted, struct ap_start *start);

/* [thread] Of one that never came. */
void ap_free(struct ap *ap);

/* [init] What it runs, a struct ap as context: goes online, or says CPU_REFUSED and halts; also if it was given up. */
void ap_main(void *context);

#endif
