#include "descriptors.h"

#include <stdbool.h>
#include <stddef.h>

#include "cpu.h"
#include "linker.h"
#include "percpu.h"
#include "trap.h"

/* Access byte and flags of a segment descriptor, at their places in its eight bytes. */
#define SEGMENT_PRESENT (1ull << 47)
#define SEGMENT_RING3   (3ull << 45)
#define SEGMENT_CODE    (1ull << 44 | 0xbull << 40 | 1ull << 53) /* readable, 64-bit, accessed */
#define SEGMENT_DATA    (1ull << 44 | 0x3ull << 40)              /* writable, accessed */
#define SEGMENT_TASK    (0x9ull << 40)                           /* available 64-bit TSS */

#define GATE_INTERRUPT 0x8e /* present, clears IF */
#define GATE_RING3     0x60

struct task_state {
	uint32_t reserved0;
	uint64_t rsp[3]; /* the stacks for entering ring 0, 1, 2 */
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map; /* offset of the port bitmap; beyond the limit: no port is open to ring 3 */
} __attribute__((packed));

_Static_assert(sizeof(struct task_state) == 104, "64-bit TSS");
_Static_assert(offsetof(struct task_state, ist) == 36, "64-bit TSS");
_Static_assert(FAULT_STACKS <= 7, "64-bit TSS");

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist; /* 1 to 7; 0 means: stay on the stack */
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

_Static_assert(sizeof(struct gate) == 16, "64-bit gate");

static PERCPU(struct task_state, task);

/* The interrupt table is one for all CPUs. */
static SEALED struct gate idt[TRAP_VECTORS] __attribute__((aligned(16)));
static SEALED uint64_t boot_gdt[DESCRIPTORS_GDT_SIZE / 8];

/* Until there is memory for one stack each. Nothing but a fault of the hardware's or our own can come that early. */
static uint8_t early_stack[8192] __attribute__((aligned(16)));

/* 0 for the vectors that stay on the stack they find. */
static uint8_t ist_of(unsigned int vector)
{
	switch (vector) {
	case TRAP_DOUBLE_FAULT:
		return FAULT_STACK_DOUBLE + 1;
	case TRAP_NMI:
		return FAULT_STACK_NMI + 1;
	case TRAP_MACHINE_CHECK:
		return FAULT_STACK_MACHINE_CHECK + 1;
	case TRAP_DEBUG:
		return FAULT_STACK_DEBUG + 1;
	default:
		return 0;
	}
}

static void fill_idt(void)
{
	for (unsigned int vector = 0; vector < TRAP_VECTORS; vector++) {
		uint64_t stub = (uint64_t)trap_stubs + vector * TRAP_STUB_SIZE;
		bool for_programs = vector == TRAP_BREAKPOINT || vector == TRAP_OVERFLOW;

		idt[vector] = (struct gate){
		        .offset_low = (uint16_t)stub,
		        .selector = SELECTOR_KERNEL_CODE,
		        .ist = ist_of(vector),
		        .type = GATE_INTERRUPT | (for_programs ? GATE_RING3 : 0),
		        .offset_middle = (uint16_t)(stub >> 16),
		        .offset_high = (uint32_t)(stub >> 32),
		};
	}
}

/* "Accessed" is set from the beginning, so the CPU never writes here; but LTR marks the task state as busy, once. */
static void fill_gdt(uint64_t *gdt)
{
	uint64_t base = (uint64_t)percpu(task);
	uint64_t limit = sizeof(task) - 1;

	gdt[SELECTOR_KERNEL_CODE / 8] = SEGMENT_PRESENT | SEGMENT_CODE;
	gdt[SELECTOR_KERNEL_DATA / 8] = SEGMENT_PRESENT | SEGMENT_DATA;
	gdt[SELECTOR_USER_DATA / 8] = SEGMENT_PRESENT | SEGMENT_DATA | SEGMENT_RING3;
	gdt[SELECTOR_USER_CODE / 8] = SEGMENT_PRESENT | SEGMENT_CODE | SEGMENT_RING3;
	gdt[SELECTOR_TASK / 8] =
	        SEGMENT_PRESENT | SEGMENT_TASK | limit | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	gdt[SELECTOR_TASK / 8 + 1] = base >> 32;
}

/* Loading the segment registers clears GS's base; it is put back before an entry stub could look at it. */
static void load(const uint64_t *gdt)
{
	struct cpu_table_pointer gdt_pointer = {DESCRIPTORS_GDT_SIZE - 1, (uint64_t)gdt};
	struct cpu_table_pointer idt_pointer = {sizeof(idt) - 1, (uint64_t)idt};
	uint64_t gs = cpu_read_msr(CPU_MSR_GS_BASE);

	cpu_load_gdt(&gdt_pointer, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA);
	cpu_write_msr(CPU_MSR_GS_BASE, gs);
	cpu_load_task_register(SELECTOR_TASK);
	cpu_load_idt(&idt_pointer);
}

void descriptors_start(void)
{
	fill_idt();
	for (unsigned int i = 0; i < FAULT_STACKS; i++)
		percpu(task)->ist[i] = (uint64_t)early_stack + sizeof(early_stack);
	descriptors_start_cpu(boot_gdt);
}

void descriptors_start_cpu(uint64_t *gdt)
{
	/* A program that could write GS's base could make the stubs that look at it take its GS for the kernel's. */
	cpu_write_cr4(cpu_read_cr4() & ~CPU_CR4_FSGSBASE);
	fill_gdt(gdt);
	percpu(task)->io_map = sizeof(task);
	load(gdt);
}

void descriptors_set_fault_stack(uint32_t cpu, enum fault_stack stack, uint64_t top)
{
	percpu_of(task, cpu)->ist[stack] = top;
}

uint64_t descriptors_fault_stack(uint32_t cpu, enum fault_stack stack)
{
	return percpu_of(task, cpu)->ist[stack];
}

void descriptors_set_kernel_stack(uint64_t top)
{
	percpu(task)->rsp[0] = top;
}
