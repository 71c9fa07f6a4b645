/*
 * The host's stand-in for cpu.h, percpu.h, preempt.h and interrupts_off.h, included before everything else: their
 * include guards are taken, so files of the kernel that manage memory, time, interrupts or tasks compile unchanged.
 * Each thread of the process is a CPU.
 */
#ifndef TESTS_HOST_ARCH_H
#define TESTS_HOST_ARCH_H

#define ARCH_CPU_H
#define ARCH_PERCPU_H
#define ARCH_PREEMPT_H
#define ARCH_INTERRUPTS_OFF_H

#include <stdbool.h>
#include <stddef.h>
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
	uint32_t locks;
	uint32_t preempt;                 /* reasons why nobody else may run */
	void *thread;                     /* that runs (tests/unit/host_thread.h) */
	void (*wait)(void);               /* brings the interrupt that a sleeping CPU waits for */
	void (*interrupt)(void);          /* comes when interrupts are on again, each time; NULL: none does */
	void (*forget)(uint64_t address); /* what it remembers of this page; 0: of all. NULL: it remembers none */
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
	host_cpu.invalidated++;
	if (host_cpu.forget != NULL)
		host_cpu.forget(address);
}

static inline void cpu_forget_pages(void)
{
	if (host_cpu.forget != NULL)
		host_cpu.forget(0);
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
	bool were_off = !cpu_interrupts_enabled();

	host_cpu.flags = flags;
	if (were_off && cpu_interrupts_enabled() && host_cpu.interrupt != NULL)
		host_cpu.interrupt();
}

static inline void interrupts_off_begin_at(uintptr_t from)
{
	(void)from;
}

static inline void interrupts_off_end_at(uintptr_t to)
{
	(void)to;
}

static inline void cpu_wait_for_interrupt(void)
{
	cpu_enable_interrupts();
	host_cpu.wait();
}

/* Whom one waits for may need this CPU of the host. */
static inline void cpu_relax(void)
{
#ifdef CHAOS
	CHAOS();
#endif
}

#define CPUS_MAX           256
#define PERCPU(type, name) _Thread_local type name
#define percpu(name)       (&(name))
#define percpu_of(name, c) ((__typeof__(&(name)))host_percpu_of(&(name), (c)))

/* From now on this thread is the CPU of that number, and others find what is its own; until host_cpu_leave(). */
void host_cpu_enter(uint32_t number);
void host_cpu_leave(void);
bool host_cpu_is_there(uint32_t number);

/* What another CPU has in the place of this one's; this one's own, if there is no such CPU. */
void *host_percpu_of(void *own, uint32_t cpu);

static inline uint32_t percpu_locks(void)
{
	return host_cpu.locks;
}

static inline void percpu_add_lock(uint32_t bit)
{
	host_cpu.locks |= bit;
}

static inline void percpu_remove_lock(uint32_t bit)
{
	host_cpu.locks &= ~bit;
}

static inline uint32_t percpu_cpu(void)
{
	return host_cpu.number;
}

static inline void *percpu_thread(void)
{
	return host_cpu.thread;
}

/* Nobody is made to wait for another thread. */
static inline void preempt_disable(void)
{
	host_cpu.preempt++;
}

static inline void preempt_enable(void)
{
	host_cpu.preempt--;
}

static inline void preempt_request(void) {}

static inline uint32_t preempt_depth(void)
{
	return host_cpu.preempt;
}

static inline bool preempt_is_due(void)
{
	return false;
}

static inline void preempt_make_room_if_possible(void) {}

#endif
