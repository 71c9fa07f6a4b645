/*
 * The way into C and back, from the kernel and from ring 3.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "backtrace.h"
#include "core/describer.h"
#include "cpu.h"
#include "cpu_identity.h"
#include "descriptors.h"
#include "lib/string.h"
#include "program.h"
#include "trap.h"
#include "unseal.h"

#define FLAGS_TF 0x100u /* single-step */

static struct trap_frame seen; /* the last frame a test's handler got */
static uint64_t seen_gs;       /* and GS's base while it ran */
static unsigned int seen_count;

static void note(struct trap_frame *frame)
{
	seen = *frame;
	seen_gs = cpu_read_msr(CPU_MSR_GS_BASE);
	seen_count++;
}

/* Leaves nothing in the registers that a C function may use up. */
static void note_and_scramble(struct trap_frame *frame)
{
	note(frame);
	__asm__ volatile("movq $-1, %%rax\n\tmovq %%rax, %%rcx\n\tmovq %%rax, %%rdx\n\t"
	                 "movq %%rax, %%rsi\n\tmovq %%rax, %%rdi\n\tmovq %%rax, %%r8\n\t"
	                 "movq %%rax, %%r9\n\tmovq %%rax, %%r10\n\tmovq %%rax, %%r11" ::
	                         : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11");
}

static void begin(void)
{
	seen_count = 0;
	memset(&seen, 0, sizeof(seen));
}

#define INTERRUPT(vector)                                                                                              \
	do {                                                                                                           \
		trap_handler *before = unsealed_set_handler(vector, note);                                             \
		__asm__ volatile("int %0" ::"i"(vector) : "memory");                                                   \
		unsealed_set_handler(vector, before);                                                                  \
	} while (0)

/* The stubs push the vector less 128: the ends and both sides of the middle are where that could go wrong. */
KERNEL_TEST(trap_vectors)
{
	begin();
	INTERRUPT(3);
	EXPECT(seen_count == 1 && seen.vector == 3);
	INTERRUPT(32);
	EXPECT(seen_count == 2 && seen.vector == 32);
	INTERRUPT(127);
	EXPECT(seen_count == 3 && seen.vector == 127);
	INTERRUPT(128);
	EXPECT(seen_count == 4 && seen.vector == 128);
	INTERRUPT(255);
	EXPECT(seen_count == 5 && seen.vector == 255 && seen.error == 0);
	EXPECT(seen.cs == SELECTOR_KERNEL_CODE && seen.ss == SELECTOR_KERNEL_DATA);
}

/* Every register comes back as it was, and the handler sees each in its place. */
KERNEL_TEST(trap_keeps_registers)
{
	static uint64_t values[2][14] = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}}; /* before, after */
	trap_handler *others = unsealed_set_handler(TRAP_BREAKPOINT, note_and_scramble);

	begin();
	__asm__ volatile(
	        "pushq %%rbp\n\t"
	        "movq 0(%0), %%rbx\n\tmovq 8(%0), %%rcx\n\tmovq 16(%0), %%rdx\n\t"
	        "movq 24(%0), %%rsi\n\tmovq 32(%0), %%rdi\n\tmovq 40(%0), %%rbp\n\t"
	        "movq 48(%0), %%r8\n\tmovq 56(%0), %%r9\n\tmovq 64(%0), %%r10\n\t"
	        "movq 72(%0), %%r11\n\tmovq 80(%0), %%r12\n\tmovq 88(%0), %%r13\n\t"
	        "movq 96(%0), %%r14\n\tmovq 104(%0), %%r15\n\t"
	        "int3\n\t"
	        "movq %%rbx, 112(%0)\n\tmovq %%rcx, 120(%0)\n\tmovq %%rdx, 128(%0)\n\t"
	        "movq %%rsi, 136(%0)\n\tmovq %%rdi, 144(%0)\n\tmovq %%rbp, 152(%0)\n\t"
	        "movq %%r8, 160(%0)\n\tmovq %%r9, 168(%0)\n\tmovq %%r10, 176(%0)\n\t"
	        "movq %%r11, 184(%0)\n\tmovq %%r12, 192(%0)\n\tmovq %%r13, 200(%0)\n\t"
	        "movq %%r14, 208(%0)\n\tmovq %%r15, 216(%0)\n\t"
	        "popq %%rbp"
	        :
	        : "a"(values)
	        : "memory", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15");
	unsealed_set_handler(TRAP_BREAKPOINT, others);
	EXPECT(memcmp(values[0], values[1], sizeof(values[0])) == 0);
	EXPECT(seen.rax == (uint64_t)values && seen.rbx == 1 && seen.rcx == 2 && seen.rdx == 3 && seen.rsi == 4);
	EXPECT(seen.rdi == 5 && seen.rbp == 6 && seen.r8 == 7 && seen.r9 == 8 && seen.r10 == 9 && seen.r11 == 10);
	EXPECT(seen.r12 == 11 && seen.r13 == 12 && seen.r14 == 13 && seen.r15 == 14);
}

/* The kernel's own handler: prints a report, and the next line runs. */
KERNEL_TEST(breakpoint_reports_and_continues)
{
	__asm__ volatile("int3");
}

static bool gs_is_kernels(void)
{
	return (int64_t)cpu_read_msr(CPU_MSR_GS_BASE) < 0;
}

/* A vector that may come at any time finds the kernel's GS by itself, before and after the exchange. */
KERNEL_TEST(trap_finds_gs)
{
	trap_handler *before = unsealed_set_handler(TRAP_DEBUG, note);
	uint64_t gs = cpu_read_msr(CPU_MSR_GS_BASE);

	begin();
	EXPECT(gs_is_kernels());
	__asm__ volatile("int $1" ::: "memory");
	EXPECT(seen_gs == gs && cpu_read_msr(CPU_MSR_GS_BASE) == gs);
	cpu_write_msr(PROGRAM_MSR_GS, PROGRAM_GS);
	__asm__ volatile("swapgs\n\t"
	                 "int $1\n\t"
	                 "swapgs" ::
	                         : "memory");
	unsealed_set_handler(TRAP_DEBUG, before);
	EXPECT(seen_count == 2 && seen_gs == gs && cpu_read_msr(CPU_MSR_GS_BASE) == gs);
	EXPECT(cpu_read_msr(PROGRAM_MSR_GS) == PROGRAM_GS);
}

/* Runs `code` in ring 3 until `vector` comes. */
static bool came_from_ring3(const struct boot_info *info, unsigned int vector, const uint8_t *code, size_t size,
        uint64_t flags, struct trap_frame *frame)
{
	uint64_t gs = cpu_read_msr(CPU_MSR_GS_BASE);
	struct program_trap trap = program_run(info, vector, code, size, flags);

	*frame = trap.frame;
	return trap.count == 1 && trap_from_user(frame) && frame->cs == SELECTOR_USER_CODE &&
	       frame->ss == SELECTOR_USER_DATA && trap.gs == gs && cpu_read_msr(CPU_MSR_GS_BASE) == gs &&
	       cpu_read_msr(PROGRAM_MSR_GS) == PROGRAM_GS;
}

KERNEL_TEST(ring3_breakpoint)
{
	static const uint8_t code[] = {0xcc};
	struct trap_frame frame;

	EXPECT(came_from_ring3(info, TRAP_BREAKPOINT, code, sizeof(code), PROGRAM_FLAGS, &frame));
	EXPECT(frame.rip == PROGRAM_CODE + 1);
}

/* An exception with an error code. */
KERNEL_TEST(ring3_page_fault)
{
	static const uint8_t code[] = {0xa2, 0, 0, 0, 0, 0, 0, 0, 0}; /* mov [0], al */
	struct trap_frame frame;

	EXPECT(came_from_ring3(info, TRAP_PAGE_FAULT, code, sizeof(code), PROGRAM_FLAGS, &frame));
	EXPECT(frame.rip == PROGRAM_CODE && frame.error == 6);
}

/* A vector that finds GS by itself. */
KERNEL_TEST(ring3_single_step)
{
	static const uint8_t code[] = {0x90, 0xcc};
	struct trap_frame frame;

	EXPECT(came_from_ring3(info, TRAP_DEBUG, code, sizeof(code), PROGRAM_FLAGS | FLAGS_TF, &frame));
	EXPECT(frame.rip == PROGRAM_CODE + 1);
}

/* Ring 3 may not halt, nor raise the kernel's vectors, nor touch a port. */
KERNEL_TEST(ring3_is_confined)
{
	static const uint8_t halt[] = {0xf4}, interrupt[] = {0xcd, 0x20}, port[] = {0xe4, 0x60};
	struct trap_frame frame;

	EXPECT(came_from_ring3(info, TRAP_GENERAL_PROTECTION, halt, sizeof(halt), PROGRAM_FLAGS, &frame));
	EXPECT(frame.rip == PROGRAM_CODE && frame.error == 0);
	EXPECT(came_from_ring3(info, TRAP_GENERAL_PROTECTION, interrupt, sizeof(interrupt), PROGRAM_FLAGS, &frame));
	EXPECT(frame.rip == PROGRAM_CODE && (frame.error & 2)); /* 2: about the IDT */
	EXPECT(came_from_ring3(info, TRAP_GENERAL_PROTECTION, port, sizeof(port), PROGRAM_FLAGS, &frame));
	EXPECT(frame.rip == PROGRAM_CODE);
}

/* UMIP: a program may not ask where the descriptor tables are. Without it, it would be the write that faults. */
KERNEL_TEST(ring3_sees_no_tables)
{
	static const uint8_t store_gdt[] = {0x0f, 0x01, 0x04, 0x25, 0x00, 0x01, 0x40, 0x00}; /* sgdt [400100h] */
	struct trap_frame frame;

	if (!cpu_has(CPU_UMIP))
		SKIP("this CPU has no UMIP");
	EXPECT(came_from_ring3(info, TRAP_GENERAL_PROTECTION, store_gdt, sizeof(store_gdt), PROGRAM_FLAGS, &frame));
	EXPECT(frame.rip == PROGRAM_CODE && frame.error == 0);
}

static uint64_t seen_stack; /* what is known of the stack that a test's handler ran on */
static char seen_owner[DESCRIBER_TEXT_MAX];

static void note_stack(struct trap_frame *frame)
{
	note(frame);
	seen_stack = backtrace_here();
	if (!describer_ask(seen_stack, seen_owner))
		seen_owner[0] = '\0';
}

static bool runs_on(const char *owner)
{
	return seen_count == 1 && strncmp(seen_owner, owner, strlen(owner)) == 0;
}

#define INTERRUPT_ON_STACK(vector)                                                                                     \
	do {                                                                                                           \
		trap_handler *before = unsealed_set_handler(vector, note_stack);                                       \
		begin();                                                                                               \
		__asm__ volatile("int %0" ::"i"(vector) : "memory");                                                   \
		unsealed_set_handler(vector, before);                                                                  \
	} while (0)

/* Those that may find a bad stack have their own; others stay where they are. Double faults are in fault_scenarios.c.
 */
KERNEL_TEST(trap_has_its_stack)
{
	INTERRUPT_ON_STACK(TRAP_NMI);
	EXPECT(runs_on("the NMI stack of CPU 0"));
	INTERRUPT_ON_STACK(TRAP_MACHINE_CHECK);
	EXPECT(runs_on("the machine check stack of CPU 0"));
	INTERRUPT_ON_STACK(TRAP_DEBUG);
	EXPECT(runs_on("the debug stack of CPU 0"));
	INTERRUPT_ON_STACK(TRAP_BREAKPOINT);
	EXPECT(seen_count == 1 && seen_stack < backtrace_here() && backtrace_here() - seen_stack < 1024);
}

/* The stubs tell by GS's sign whose it is: no program may be able to write it. */
KERNEL_TEST(programs_cannot_write_gs)
{
	EXPECT(!(cpu_read_cr4() & CPU_CR4_FSGSBASE));
}

KERNEL_TEST(machine_checks_are_on)
{
	bool has = cpu_cpuid(1, 0).edx & 1 << 7;

	EXPECT(((cpu_read_cr4() & CPU_CR4_MCE) != 0) == has);
}

static unsigned int depth_reached;

static void abandon(struct trap_frame *frame)
{
	note(frame);
	trap_abandon();
}

static void fault_at_depth(void *context)
{
	unsigned int *left = context;

	depth_reached++;
	if (--*left == 0)
		__asm__ volatile("ud2");
	else if (!trap_try(fault_at_depth, left))
		depth_reached += 100; /* only the innermost is abandoned */
}

static void do_nothing(void *context)
{
	(void)context;
}

KERNEL_TEST(trap_try_comes_back)
{
	trap_handler *before = unsealed_set_handler(TRAP_INVALID_OPCODE, abandon);
	uint64_t flags = cpu_read_flags();
	unsigned int left = 3;

	begin();
	depth_reached = 0;
	EXPECT(!trap_is_trying());
	EXPECT(trap_try(fault_at_depth, &left) && depth_reached == 103 && seen_count == 1);
	left = 1;
	EXPECT(!trap_try(fault_at_depth, &left) && seen_count == 2);
	EXPECT(trap_try(do_nothing, NULL) && !trap_is_trying());
	EXPECT((cpu_read_flags() & CPU_FLAGS_IF) == (flags & CPU_FLAGS_IF));
	unsealed_set_handler(TRAP_INVALID_OPCODE, before);
}
