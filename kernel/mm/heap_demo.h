/*
 * The heap at work, shown at each start.
 */
#ifndef MM_HEAP_DEMO_H
#define MM_HEAP_DEMO_H

/* [init] Prints a boxed value, a value with two owners and a growing vector; gives all of it back. */
void heap_demo_print(void);

#endif
