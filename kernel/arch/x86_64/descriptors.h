/*
 * Segments, the task state segment and the interrupt descriptor table (Intel SDM volume 3, chapters 3, 6 and 8). Each
 * CPU has segments and a task state of its own; the interrupt table is one for all.
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

/*
 * Exceptions that the CPU delivers on a stack of their own (IST), whatever the stack pointer was: the double fault
 * because the stack may be what is wrong; NMI, machine check and debug because they can come right after SYSCALL, while
 * the stack pointer is still the program's. (Debug traps are held back by MOV SS: one on the SYSCALL after it arrives
 * at the kernel's first instruction.)
 *
 * A second one of the same kind would begin at the same top and overwrite the first. It cannot come: a double fault and
 * a machine check are never returned from, NMIs wait for the next IRET, and debug exceptions clear TF and are not
 * raised by breakpoints, for the kernel sets none in its own handler.
 */
enum fault_stack {
	FAULT_STACK_DOUBLE,
	FAULT_STACK_NMI,
	FAULT_STACK_MACHINE_CHECK,
	FAULT_STACK_DEBUG,
	FAULT_STACKS,
};

/* [init] Fills the interrupt table and starts the boot CPU; all its fault stacks are one small early stack. */
void descriptors_start(void);

#define DESCRIPTORS_GDT_SIZE (9 * 8)

/*
 * [init] Loads this CPU's own GDT, TSS and the IDT. `gdt` is memory of DESCRIPTORS_GDT_SIZE bytes, to be read-only from
 * then on. GS points at the CPU's block; interrupts are and stay off.
 */
void descriptors_start_cpu(uint64_t *gdt);

/*
 * [init] `top` is the end of a stack that a CPU takes from now on for that kind of exception; 16-byte aligned. The CPU
 * has a block (percpu.h). The other tells it: 0 if there is none.
 */
void descriptors_set_fault_stack(uint32_t cpu, enum fault_stack stack, uint64_t top);
uint64_t descriptors_fault_stack(uint32_t cpu, enum fault_stack stack);

/* [init] The stack the CPU takes when an interrupt arrives in ring 3. */
void descriptors_set_kernel_stack(uint64_t top);

#endif
