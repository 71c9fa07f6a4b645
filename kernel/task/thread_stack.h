/*
 * Stacks of threads: regions with guard pages, of which a few that are not in use wait for the next thread.
 */
#ifndef TASK_THREAD_STACK_H
#define TASK_THREAD_STACK_H

#include <stdint.h>

#define THREAD_STACK_SIZE 16384u

/* [thread] [task] The lowest address of a stack; 0 without memory. What is on it is not known. */
uint64_t thread_stack_take(void);

/* [irq] */
void thread_stack_give_back(uint64_t stack);

/* [irq] How many are in use, by all CPUs. */
unsigned int thread_stack_count(void);

/* [init] From here on reports know whose stack an address is on. */
void thread_stack_start(void);

#endif
