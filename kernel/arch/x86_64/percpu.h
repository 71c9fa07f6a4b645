/*
 * Variables that each CPU has its own of. They stand together in the section .percpu, which nobody ever writes: it is
 * what each CPU's own block begins as, a copy of it. While the kernel runs, GS points at the CPU's block, which begins
 * with struct percpu_head; the entry stubs tell by the sign of that address whether GS is the kernel's or a program's.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <stddef.h>
#include <stdint.h>

#define CPUS_MAX 256

struct percpu_head {
	uint64_t distance; /* from a variable's own address to this CPU's copy of it */
	uint32_t cpu;      /* 0 is the CPU that booted */
	uint32_t preempt;  /* preempt.h: 0 means that this thread must make room now */
	void *thread;      /* that runs */
	uint32_t locks;    /* bit r: a lock of rank r is held here (core/spinlock.c) */
	uint32_t reserved[3];
	uint64_t canary; /* the compiler looks for the stack protector's value at %gs:40 */
};

_Static_assert(offsetof(struct percpu_head, distance) == 0, "known to percpu_here()");
_Static_assert(offsetof(struct percpu_head, cpu) == 8, "known to percpu_cpu()");
_Static_assert(offsetof(struct percpu_head, preempt) == 12, "known to preempt.h");
_Static_assert(offsetof(struct percpu_head, thread) == 16, "known to percpu_thread() and switch.asm");
_Static_assert(offsetof(struct percpu_head, locks) == 24, "known to percpu_locks() and the like");
_Static_assert(offsetof(struct percpu_head, canary) == 40, "known to the compiler's flags and switch.asm");

/* Defines one: PERCPU(unsigned int, depth); or with a value, PERCPU(int, x) = 3; `static` may stand before it. */
#define PERCPU(type, name) __attribute__((section(".percpu"))) type name

/* [irq] Where this CPU's own is. Stays this CPU's only while the code cannot move to another: interrupts off. */
#define percpu(name) ((__typeof__(&(name)))percpu_here((uintptr_t) & (name)))

/* [irq] Another CPU's, which has a block. Its owner changes it meanwhile. */
#define percpu_of(name, cpu) ((__typeof__(&(name)))((uintptr_t) & (name) + percpu_distances[cpu]))

/* By CPU; 0: it has no block. */
extern uint64_t percpu_distances[CPUS_MAX];

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

/* [irq] The thread that runs here; NULL before there are threads. It stays its own, whatever CPU it comes to. */
static inline void *percpu_thread(void)
{
	void *thread;

	__asm__ volatile("movq %%gs:16, %0" : "=r"(thread));
	return thread;
}

/* [init] What runs here is that thread from now on; afterwards switch.asm sets it. */
static inline void percpu_set_thread(void *thread)
{
	__asm__ volatile("movq %0, %%gs:16" ::"r"(thread) : "memory");
}

/* [irq] For core/spinlock.c: which locks are held here, one bit each. */
static inline uint32_t percpu_locks(void)
{
	uint32_t locks;

	__asm__ volatile("movl %%gs:24, %0" : "=r"(locks)::"memory");
	return locks;
}

static inline void percpu_add_lock(uint32_t bit)
{
	__asm__ volatile("orl %0, %%gs:24" ::"ri"(bit) : "memory", "cc");
}

static inline void percpu_remove_lock(uint32_t bit)
{
	__asm__ volatile("andl %0, %%gs:24" ::"ri"(~bit) : "memory", "cc");
}

/* [irq] The canary in use here. */
static inline uint64_t percpu_canary(void)
{
	uint64_t canary;

	__asm__ volatile("movq %%gs:40, %0" : "=r"(canary));
	return canary;
}

/* [init] Makes the boot CPU's block and lets GS point at it: before anything else. */
void percpu_start_boot_cpu(void);

/* [any] Bytes of a block. */
size_t percpu_size(void);

/*
 * [thread] Makes the block of another CPU, in percpu_size() bytes that are aligned to 64 and stay its. What GS is to
 * point at when that CPU starts is this very address.
 */
void percpu_make_block(uint32_t cpu, void *block, uint64_t canary);

/* [thread] A CPU that never ran has no block any more. */
void percpu_drop_block(uint32_t cpu);

/* [init] Sets this CPU's canary. */
void percpu_set_canary(uint64_t canary);

#endif
