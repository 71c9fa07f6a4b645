#include "vector_state.h"

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "percpu.h"

#define LEAF_VERSION 1u
#define HAS_XSAVE    (1u << 26) /* of ECX */

/* What XSAVE knows of: subleaf 0, EDX:EAX is what XCR0 may enable, EBX the bytes of what it does; subleaf 1, EAX. */
#define LEAF_XSAVE   0xdu
#define HAS_XSAVEOPT 1u

/* Bits of XCR0: x87, SSE, AVX, and the three of AVX-512. What else there is, nobody here knows how to begin with. */
#define WANTED 0xe7u

#define LEGACY_SIZE 512u /* of FXSAVE, and the first bytes of XSAVE */

/* How the area begins, whichever instruction fills it. */
struct legacy_area {
	uint16_t control; /* of the x87 */
	uint16_t others[11];
	uint32_t mxcsr;
};

_Static_assert(offsetof(struct legacy_area, mxcsr) == 24, "Intel SDM volume 1, table 10-2");

/* What programs begin with: no exception unmasked, 64-bit x87 results. */
#define CONTROL_DEFAULT 0x37fu
#define MXCSR_DEFAULT   0x1f80u

void (*vector_state_save)(void *area) = vector_state_fxsave;
void (*vector_state_restore)(void *area) = vector_state_fxrstor;

static PERCPU(bool, is_on);
static size_t size; /* the same on all CPUs */

static size_t start_xsave(void)
{
	cpu_write_cr4(cpu_read_cr4() | CPU_CR4_OSXSAVE);
	cpu_write_xcr0(cpu_cpuid(LEAF_XSAVE, 0).eax & WANTED);
	vector_state_save = cpu_cpuid(LEAF_XSAVE, 1).eax & HAS_XSAVEOPT ? vector_state_xsaveopt : vector_state_xsave;
	vector_state_restore = vector_state_xrstor;
	return cpu_cpuid(LEAF_XSAVE, 0).ebx;
}

/* CR0.EM would make every instruction an exception, CR0.TS the first one after a switch: nothing here is lazy. */
static void start_here(void)
{
	cpu_write_cr0((cpu_read_cr0() & ~(CPU_CR0_EM | CPU_CR0_TS)) | CPU_CR0_MP | CPU_CR0_NE);
	cpu_write_cr4(cpu_read_cr4() | CPU_CR4_OSFXSR | CPU_CR4_OSXMMEXCPT);
	size = cpu_cpuid(LEAF_VERSION, 0).ecx & HAS_XSAVE ? start_xsave() : LEGACY_SIZE;
	*percpu(is_on) = true;
}

/* With interrupts off: all on one CPU. */
size_t vector_state_start(void)
{
	uint64_t flags = cpu_interrupts_save();

	if (!*percpu(is_on))
		start_here();
	cpu_interrupts_restore(flags);
	return size;
}

/* XSAVE's header says with zeroes that nothing was saved: then XRSTOR initialises it, all but MXCSR. */
void vector_state_clear(void *area)
{
	struct legacy_area *legacy = area;

	legacy->control = CONTROL_DEFAULT;
	legacy->mxcsr = MXCSR_DEFAULT;
}
