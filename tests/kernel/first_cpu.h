/*
 * Threads that stay on the boot CPU, where the tests run: for tests of what threads of one CPU do to each other.
 */
#ifndef TEST_FIRST_CPU_H
#define TEST_FIRST_CPU_H

#include "task/thread.h"

static const struct cpu_set first_cpu = {{1}};

#define thread_create_here(...) thread_create(.affinity = &first_cpu, __VA_ARGS__)

#endif
