/*
 * Stacks for the exceptions that need one of their own (descriptors.h: enum fault_stack), with guard pages.
 */
#ifndef MM_FAULT_STACKS_H
#define MM_FAULT_STACKS_H

/* [init] Gives the boot CPU its four; until then it has one small stack for all. Panics without memory. */
void fault_stacks_start(void);

#endif
