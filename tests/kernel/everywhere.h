/*
 * Other CPUs for tests.
 */
#ifndef TESTS_EVERYWHERE_H
#define TESTS_EVERYWHERE_H

#include <stdint.h>

#include "boot/boot_info.h"
#include "task/elsewhere.h"

/* Starts the others unless they run; returns how many are online. */
uint32_t everywhere_start(const struct boot_info *info);

/* Lets all CPUs run the function at once, this one too, and waits until it is through with all of them. */
void everywhere_run(void (*function)(void));

/* Lets one other CPU begin with it. */
void everywhere_run_one(uint32_t cpu, void (*function)(void));

/* Ends the test unless there are others. */
#define NEEDS_OTHERS(info)                                                                                             \
	do {                                                                                                           \
		if (everywhere_start(info) == 1)                                                                       \
			SKIP("there is one CPU");                                                                      \
	} while (0)

#endif
