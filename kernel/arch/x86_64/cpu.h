/*
 * Every privileged instruction and every port access of the kernel, one named function each. All are `[irq]`.
 * Intel SDM volume 2 describes the instructions, volume 3 the registers.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "interrupts_off.h"

#define CPU_MSR_APIC_BASE 0x1bu
#define CPU_MSR_PAT       0x277u
#define CPU_MSR_EFER      0xc0000080u
#define CPU_MSR_GS_BASE   0xc0000101u

#define CPU_EFER_NXE (1ull << 11)

#define CPU_CR0_MP (1ull << 1)
#define CPU_CR0_EM (1ull << 2)
#define CPU_CR0_TS (1ull << 3)
#define CPU_CR0_NE (1ull << 5)
#define CPU_CR0_WP (1ull << 16)

#define CPU_CR4_MCE        (1ull << 6)
#define CPU_CR4_PGE        (1ull << 7)
#define CPU_CR4_OSFXSR     (1ull << 9)
#define CPU_CR4_OSXMMEXCPT (1ull << 10)
#define CPU_CR4_UMIP       (1ull << 11)
#define CPU_CR4_FSGSBASE   (1ull << 16)
#define CPU_CR4_OSXSAVE    (1ull << 18)
#define CPU_CR4_SMEP       (1ull << 20)
#define CPU_CR4_SMAP       (1ull << 21)

#define CPU_FLAGS_IF (1ull << 9)

static inline uint8_t cpu_in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void cpu_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline void cpu_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port));
}

static inline void cpu_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}

static inline uint16_t cpu_in16(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t cpu_in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t cpu_read_cr0(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr0, %0" : "=r"(value));
	return value;
}

static inline void cpu_write_cr0(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr0" ::"r"(value) : "memory");
}

/* The linear address of the last page fault. */
static inline uint64_t cpu_read_cr2(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr2, %0" : "=r"(value));
	return value;
}

static inline uint64_t cpu_read_cr3(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr3, %0" : "=r"(value));
	return value;
}

/* Also forgets every translation that is not global. */
static inline void cpu_write_cr3(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr3" ::"r"(value) : "memory");
}

static inline uint64_t cpu_read_cr4(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr4, %0" : "=r"(value));
	return value;
}

static inline void cpu_write_cr4(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr4" ::"r"(value) : "memory");
}

/* Which registers XSAVE saves. */
static inline void cpu_write_xcr0(uint64_t value)
{
	__asm__ volatile("xsetbv" ::"c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

/* Forgets the translation of one page, global ones too. */
static inline void cpu_invalidate_page(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}

/* Forgets all translations, global ones too: a change of CR4.PGE does that (Intel SDM volume 3, 4.10.4.1). */
static inline void cpu_forget_pages(void)
{
	uint64_t cr4 = cpu_read_cr4();

	cpu_write_cr4(cr4 ^ CPU_CR4_PGE);
	cpu_write_cr4(cr4);
}

static inline uint64_t cpu_read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void cpu_write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpu_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
	return r;
}

/* Bytes that CLFLUSH writes back (Intel SDM volume 2A: CPUID.1:EBX[15:8]; 64 on every x86-64 CPU so far). */
#define CPU_CACHE_LINE 64u

/* Virtual machines can leave CLFLUSH out (CPUID.1:EDX[19]). */
static inline bool cpu_can_flush_lines(void)
{
	return cpu_cpuid(1, 0).edx & 1u << 19;
}

/* Writes the line of the cache that holds this address back to memory. */
static inline void cpu_flush_line(const void *address)
{
	__asm__ volatile("clflush (%0)" ::"r"(address) : "memory");
}

static inline uint64_t cpu_read_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* The same, after all that was read before and before all that comes after (Intel SDM volume 2B, RDTSC). */
static inline uint64_t cpu_read_tsc_in_order(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

/* What LGDT and LIDT read. */
struct cpu_table_pointer {
	uint16_t limit; /* bytes - 1 */
	uint64_t base;
} __attribute__((packed));

static inline void cpu_load_idt(const struct cpu_table_pointer *pointer)
{
	__asm__ volatile("lidt %0" ::"m"(*pointer) : "memory");
}

/* Where the tables are: for who wants to check. */
static inline void cpu_store_gdt(struct cpu_table_pointer *pointer)
{
	__asm__ volatile("sgdt %0" : "=m"(*pointer));
}

static inline void cpu_store_idt(struct cpu_table_pointer *pointer)
{
	__asm__ volatile("sidt %0" : "=m"(*pointer));
}

/* Loads the GDT and every segment register from it: FS and GS become null selectors with base 0. */
static inline void cpu_load_gdt(const struct cpu_table_pointer *pointer, uint16_t code, uint16_t data)
{
	uint64_t scratch;

	__asm__ volatile("lgdt %1\n\t"
	                 "pushq %q2\n\t"
	                 "leaq 1f(%%rip), %0\n\t"
	                 "pushq %0\n\t"
	                 "lretq\n"
	                 "1:\n\t"
	                 "movw %w3, %%ds\n\t"
	                 "movw %w3, %%es\n\t"
	                 "movw %w3, %%ss\n\t"
	                 "xorl %k0, %k0\n\t"
	                 "movw %w0, %%fs\n\t"
	                 "movw %w0, %%gs"
	                 : "=&r"(scratch)
	                 : "m"(*pointer), "r"((uint64_t)code), "r"(data)
	                 : "memory");
}

static inline void cpu_load_task_register(uint16_t selector)
{
	__asm__ volatile("ltr %0" ::"r"(selector) : "memory");
}

static inline uint64_t cpu_read_flags(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags)::"memory");
	return flags;
}

static inline void cpu_enable_interrupts(void)
{
	interrupts_off_end();
	__asm__ volatile("sti" ::: "memory");
}

static inline bool cpu_interrupts_enabled(void)
{
	return (cpu_read_flags() & CPU_FLAGS_IF) != 0;
}

/* Turns interrupts off and returns the flags from before, for cpu_interrupts_restore(). Pairs may be nested. */
static inline uint64_t cpu_interrupts_save(void)
{
	uint64_t flags = cpu_read_flags();

	__asm__ volatile("cli" ::: "memory");
	if (flags & CPU_FLAGS_IF)
		interrupts_off_begin();
	return flags;
}

static inline void cpu_disable_interrupts(void)
{
	(void)cpu_interrupts_save();
}

static inline void cpu_interrupts_restore(uint64_t flags)
{
	if (flags & CPU_FLAGS_IF)
		cpu_enable_interrupts();
}

/*
 * Turns interrupts on and sleeps until one comes. If they were off, none is lost in between: STI takes effect after the
 * next instruction.
 * RCX tells one sleep from the next, for who asks whether interrupts let a CPU do anything but serve them.
 */
static inline void cpu_wait_for_interrupt(void)
{
	interrupts_off_end();
	__asm__ volatile("rdtsc\n\tmovl %%eax, %%ecx\n\tsti\n\thlt" ::: "rax", "rcx", "rdx", "memory");
}

/* An instruction that is none: exception 6. */
static inline void cpu_invalid_opcode(void)
{
	__asm__ volatile("ud2");
}

/* What was read and written before is done before anything after it is. */
static inline void cpu_fence(void)
{
	__asm__ volatile("mfence" ::: "memory");
}

/* Says that this is a loop that waits for another CPU or a device. */
static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* Stops until the next interrupt that is let through. */
static inline void cpu_halt(void)
{
	__asm__ volatile("hlt" ::: "memory");
}

/* Of kernel code that an interrupt came to: did it sleep? Then the interrupt returns to behind a HLT, which is one
 * byte. */
static inline bool cpu_was_halted(uint64_t rip)
{
	return ((const uint8_t *)rip)[-1] == 0xf4;
}

/* Sleeps for ever with interrupts off; an NMI is served and the sleep goes on. */
static inline _Noreturn void cpu_stop(void)
{
	cpu_disable_interrupts();
	for (;;)
		cpu_halt();
}

#endif
