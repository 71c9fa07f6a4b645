#include "descriptors.h"

#include <stddef.h>

#include "cpu.h"
#include "percpu.h"
#include "trap.h"

#define DOUBLE_FAULT_STACK_SIZE 8192
#define DOUBLE_FAULT_IST        1 /* 1 to 7; 0 in a gate means: stay on the stack */

/* Access byte and flags of a segment descriptor, at their places in its eight bytes. */
#define SEGMENT_PRESENT (1ull << 47)
#define SEGMENT_RING3   (3ull << 45)
#define SEGMENT_CODE    (1ull << 44 | 0xaull << 40 | 1ull << 53) /* readable, 64-bit */
#define SEGMENT_DATA    (1ull << 44 | 0x2ull << 40)              /* writable */
#define SEGMENT_TASK    (0x9ull << 40)                           /* available 64-bit TSS */

#define GATE_INTERRUPT 0x8e /* present, clears IF */
#define GATE_RING3     0x60

enum { GDT_ENTRIES = 9 };

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

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

_Static_assert(sizeof(struct gate) == 16, "64-bit gate");

struct cpu_tables {
	uint64_t gdt[GDT_ENTRIES];
	struct task_state task;
	uint8_t double_fault_stack[DOUBLE_FAULT_STACK_SIZE] __attribute__((aligned(16)));
};

static struct cpu_tables tables;
static struct gate idt[TRAP_VECTORS];

static void fill_gdt(struct cpu_tables *t)
{
	uint64_t task = (uint64_t)&t->task;
	uint64_t limit = sizeof(t->task) - 1;

	t->gdt[SELECTOR_KERNEL_CODE / 8] = SEGMENT_PRESENT | SEGMENT_CODE;
	t->gdt[SELECTOR_KERNEL_DATA / 8] = SEGMENT_PRESENT | SEGMENT_DATA;
	t->gdt[SELECTOR_USER_DATA / 8] = SEGMENT_PRESENT | SEGMENT_DATA | SEGMENT_RING3;
	t->gdt[SELECTOR_USER_CODE / 8] = SEGMENT_PRESENT | SEGMENT_CODE | SEGMENT_RING3;
	t->gdt[SELECTOR_TASK / 8] =
	        SEGMENT_PRESENT | SEGMENT_TASK | limit | (task & 0xffffff) << 16 | (task >> 24 & 0xff) << 56;
	t->gdt[SELECTOR_TASK / 8 + 1] = task >> 32;
}

static void fill_task(struct cpu_tables *t)
{
	t->task.ist[DOUBLE_FAULT_IST - 1] = (uint64_t)t->double_fault_stack + sizeof(t->double_fault_stack);
	t->task.io_map = sizeof(t->task);
}

static void fill_idt(void)
{
	for (unsigned int vector = 0; vector < TRAP_VECTORS; vector++) {
		uint64_t stub = (uint64_t)trap_stubs + vector * TRAP_STUB_SIZE;
		bool for_programs = vector == TRAP_BREAKPOINT || vector == TRAP_OVERFLOW;

		idt[vector] = (struct gate){
		        .offset_low = (uint16_t)stub,
		        .selector = SELECTOR_KERNEL_CODE,
		        .ist = vector == TRAP_DOUBLE_FAULT ? DOUBLE_FAULT_IST : 0,
		        .type = GATE_INTERRUPT | (for_programs ? GATE_RING3 : 0),
		        .offset_middle = (uint16_t)(stub >> 16),
		        .offset_high = (uint32_t)(stub >> 32),
		};
	}
}

void descriptors_start(void)
{
	struct cpu_table_pointer gdt_pointer = {sizeof(tables.gdt) - 1, (uint64_t)tables.gdt};
	struct cpu_table_pointer idt_pointer = {sizeof(idt) - 1, (uint64_t)idt};

	fill_gdt(&tables);
	fill_task(&tables);
	fill_idt();
	cpu_load_gdt(&gdt_pointer, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA);
	cpu_load_task_register(SELECTOR_TASK);
	percpu_start_boot_cpu(); /* loading the segment registers has cleared GS */
	cpu_load_idt(&idt_pointer);
}

void descriptors_set_kernel_stack(uint64_t top)
{
	tables.task.rsp[0] = top;
}
