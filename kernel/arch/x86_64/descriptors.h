/*
 * Segments, the task state segment and the interrupt descriptor table (Intel SDM volume 3, chapters 3, 6 and 8).
 */
#ifndef ARCH_DESCRIPTORS_H
#define ARCH_DESCRIPTORS_H

#include <stdint.h>

/*
 * Selectors. A Linux program expects CS 33h and SS 2bh in ring 3, and SYSRET takes SS from the descriptor before CS: so
 * the user's data stands before the user's code.
 */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA   0x2b
#define SELECTOR_USER_CODE   0x33
#define SELECTOR_TASK        0x38

/* [init] Loads the kernel's own GDT, TSS and IDT and lets GS point at the CPU's own tables. Interrupts stay off. */
void descriptors_start(void);

/* [init] The stack the CPU takes when an interrupt arrives in ring 3. */
void descriptors_set_kernel_stack(uint64_t top);

#endif
