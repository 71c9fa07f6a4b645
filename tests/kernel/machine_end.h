/*
 * How a test kernel ends its machine.
 */
#ifndef TESTS_MACHINE_END_H
#define TESTS_MACHINE_END_H

#include <stdbool.h>

/* QEMU's debug exit with 10h (passed) or 11h; else Bochs's shutdown; else power off; else the CPU sleeps. */
_Noreturn void machine_end(bool passed);

/* For panic_set_end: who stops in a test kernel has failed. */
void machine_end_failed(void);

#endif
