/*
 * The host's stand-in for cpu.h and percpu.h, included before everything else: their include guards are taken, so files
 * of the kernel that manage memory, time, interrupts or tasks compile unchanged. Each thread of the process is a CPU.
 */
#ifndef TESTS_HOST_ARCH_H
#define TESTS_HOST_ARCH_H

#define ARCH_CPU_H
#define ARCH_PERCPU_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_FLAGS_IF (1ull << 9)
#define CPU_MSR_PAT  0x277u
#define CPU_MSR_EFER 0xc0000080u
#define CPU_EFER_NXE (1ull << 11)
#define CPU_CR4_PGE  (1ull << 7)

/* What a thread has instead of a CPU. host_arch.c holds it; a test may look at it and change it. */
struct host_cpu {
	uint64_t flags, cr3, cr4, tsc, efer, pat;
	unsigned int invalidated; /* pages, by INVLPG */
	uint32_t number;
	void (*wait)(void); /* brings the interrupt that a sleeping CPU waits for */
};
extern _Thread_local struct host_cpu host_cpu;

static inline uint64_t cpu_read_cr3(void)
{
	return host_cpu.cr3;
}

static inline void cpu_write_cr3(uint64_t value)
{
	host_cpu.cr3 = value;
}

static inline uint64_t cpu_read_cr4(void)
{
	return host_cpu.cr4;
}

static inline void cpu_write_cr4(uint64_t value)
{
	host_cpu.cr4 = value;
}

static inline uint64_t *host_msr(uint32_t msr)
{
	return msr == CPU_MSR_EFER ? &host_cpu.efer : &host_cpu.pat;
}

static inline uint64_t cpu_read_msr(uint32_t msr)
{
	return *host_msr(msr);
}

static inline void cpu_write_msr(uint32_t msr, uint64_t value)
{
	*host_msr(msr) = value;
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

/* A CPU with 46 address lines. */
static inline struct cpuid cpu_cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)subleaf;
	return (struct cpuid){leaf == 0x80000000 ? 0x80000008 : leaf == 0x80000008 ? 46 : 0, 0, 0, 0};
}

static inline void cpu_invalidate_page(uint64_t address)
{
	(void)address;
	host_cpu.invalidated++;
}

/* With HOST_TSC the host's own, for figures of what it costs. */
static inline uint64_t cpu_read_tsc(void)
{
#ifdef HOST_TSC
	return __builtin_ia32_rdtsc();
#else
	return host_cpu.tsc;
#endif
}

static inline bool cpu_interrupts_enabled(void)
{
	return (host_cpu.flags & CPU_FLAGS_IF) != 0;
}

static inline void cpu_enable_interrupts(void)
{
	host_cpu.flags |= CPU_FLAGS_IF;
}

static inline void cpu_disable_interrupts(void)
{
	host_cpu.flags &= ~CPU_FLAGS_IF;
}

static inline uint64_t cpu_interrupts_save(void)
{
	uint64_t flags = host_cpu.flags;

	cpu_disable_interrupts();
	return flags;
}

static inline void cpu_interrupts_restore(uint64_t flags)
{
	host_cpu.flags = flags;
}

static inline void cpu_wait_for_interrupt(void)
{
	cpu_enable_interrupts();
	host_cpu.wait();
}

static inline void cpu_relax(void) {}

#define CPUS_MAX           256
#define PERCPU(type, name) _Thread_local type name
#define percpu(name)       (&(name))

static inline uint32_t percpu_cpu(void)
{
	return host_cpu.number;
}

#endif
