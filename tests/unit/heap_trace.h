/*
 * Work for a heap, the same for both of its builds: random operations against a model that knows what must be in every
 * block, and a small program that meets a shortage of memory at every point.
 */
#ifndef TESTS_HEAP_TRACE_H
#define TESTS_HEAP_TRACE_H

#include <stdint.h>

/* What the kernel said. */
#define HEAP_TRACE_LOG_MAX 4096
extern char heap_trace_log[HEAP_TRACE_LOG_MAX];

/* Asserts that `function`, in a process of its own, ends in a panic that says both. */
void heap_trace_expect_panic(void (*function)(void), const char *words, const char *more);

/* Starts frames and heap; once per process. */
void heap_trace_start(void);

/* Does that many operations, then frees all. Asserts that contents were kept, alignments held, and every frame came
 * back. */
void heap_trace_random(uint64_t operations);

/*
 * Runs a program that builds something out of blocks of all kinds, and lets every allocation of frames fail that it
 * makes, one after the other: alone, and with all that follow. Asserts that it notices and that nothing is lost.
 */
void heap_trace_shortages(void);

#endif
