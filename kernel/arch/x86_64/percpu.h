/*
 * Variables that each CPU has its own of. They stand together in the section .percpu; the boot CPU uses them where they
 * stand; another CPU's block is to begin as the section does in the file, not as what the boot CPU has made of it.
 * While the kernel runs, GS points at the CPU's own block, which begins with struct percpu_head; the entry stubs tell
 * by the sign of that address whether GS is the kernel's or a program's.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <stddef.h>
#include <stdint.h>

#define CPUS_MAX 256

struct percpu_head {
	uint64_t distance; /* from a variable's own address to this CPU's copy of it */
	uint32_t cpu;      /* 0 is the CPU that booted */
	uint32_t reserved[7];
	uint64_t canary; /* the compiler looks for the stack protector's value at %gs:40 */
};

_Static_assert(offsetof(struct percpu_head, distance) == 0, "known to percpu_here()");
_Static_assert(offsetof(struct percpu_head, cpu) == 8, "known to percpu_cpu()");
_Static_assert(offsetof(struct percpu_head, canary) == 40, "known to the compiler's flags");

/* Defines one: PERCPU(unsigned int, depth); or with a value, PERCPU(int, x) = 3; `static` may stand before it. */
#define PERCPU(type, name) __attribute__((section(".percpu"))) type name

/* [irq] Where this CPU's own is. Stays this CPU's only while the code cannot move to another: interrupts off. */
#define percpu(name) ((__typeof__(&(name)))percpu_here((uintptr_t) & (name)))

static inline uintptr_t percpu_here(uintptr_t address)
{
	__asm__ volatile("addq %%gs:0, %0" : "+r"(address)::"cc");
	return address;
}

/* [irq] The number of this CPU. */
static inline uint32_t percpu_cpu(void)
{
	uint32_t cpu;

	__asm__ volatile("movl %%gs:8, %0" : "=r"(cpu));
	return cpu;
}

/* [init] Lets GS point at the boot CPU's block: before anything else, and again when the segment registers were loaded.
 */
void percpu_start_boot_cpu(void);

/* [init] Sets this CPU's canary. */
void percpu_set_canary(uint64_t canary);

#endif
