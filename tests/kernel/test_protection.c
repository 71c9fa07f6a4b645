#include "kernel_test.h"

#include <stdbool.h>

#include "core/random.h"
#include "cpu.h"
#include "cpu_identity.h"
#include "lib/string.h"
#include "linker.h"
#include "paging.h"
#include "percpu.h"
#include "probe.h"

static bool is_on(enum cpu_feature feature, uint64_t bit)
{
	return ((cpu_read_cr4() & bit) != 0) == cpu_has(feature);
}

/* What the CPU has is on. That each does what it should is shown by faults, one per boot (fault_scenarios.c). */
KERNEL_TEST(protections_are_on)
{
	EXPECT(cpu_read_cr0() & CPU_CR0_WP);
	EXPECT(((cpu_read_msr(CPU_MSR_EFER) & CPU_EFER_NXE) != 0) == cpu_has(CPU_NX));
	EXPECT(is_on(CPU_SMEP, CPU_CR4_SMEP));
	EXPECT(is_on(CPU_SMAP, CPU_CR4_SMAP));
	EXPECT(is_on(CPU_UMIP, CPU_CR4_UMIP));
}

static __attribute__((noinline)) uint64_t first_word_of_a_variable(void)
{
	uint64_t words[32]; /* nobody sets it */

	__asm__ volatile("" : "+m"(words));
	return words[0] | words[15] | words[31];
}

static __attribute__((noinline)) void leave_something_behind(void)
{
	uint64_t words[64];

	memset(words, 0xa5, sizeof(words));
	__asm__ volatile("" : "+m"(words));
}

KERNEL_TEST(variables_begin_as_zero)
{
	leave_something_behind();
	EXPECT(first_word_of_a_variable() == 0);
}

static uint64_t canary(void)
{
	uint64_t value;

	__asm__ volatile("movq %%gs:40, %0" : "=r"(value));
	return value;
}

KERNEL_TEST(canary_is_random)
{
	EXPECT(canary() != 0 && (canary() & 0xff) == 0);
	EXPECT(random_u64() != random_u64());
	EXPECT(percpu_cpu() == 0);
}

static bool is_read_only(uint64_t address)
{
	struct probe probe = probe_write(address, *(const uint8_t *)address);

	return probe.faulted && probe.error == (PROBE_PRESENT | PROBE_WRITE);
}

/* Descriptor tables and tables of functions, in the image and where the direct map shows the same memory. */
KERNEL_TEST(sealed_is_read_only)
{
	uint64_t start = (uint64_t)linker_sealed_start, end = (uint64_t)linker_sealed_end;
	struct cpu_table_pointer gdt, idt;

	cpu_store_gdt(&gdt);
	cpu_store_idt(&idt);
	EXPECT(gdt.base >= start && gdt.base + gdt.limit < end);
	EXPECT(idt.base >= start && idt.base + idt.limit < end);
	for (uint64_t page = start; page < end; page += PAGE_SIZE) {
		EXPECT(is_read_only(page));
		EXPECT(is_read_only((uint64_t)paging_direct(paging_look_up(page).physical)));
	}
}
