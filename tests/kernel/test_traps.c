/*
 * The way into C and back, from the kernel and from ring 3.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "cpu.h"
#include "descriptors.h"
#include "lib/string.h"
#include "program.h"
#include "trap.h"
#include "unseal.h"

#define MSR_KERNEL_GS_BASE 0xc0000102u /* what SWAPGS puts into GS */
#define PROGRAM_GS         0x12345000u
#define FLAGS_RING3        0x202u /* IF and the bit that is always set; nothing can interrupt: the 8259 is masked */

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
	cpu_write_msr(MSR_KERNEL_GS_BASE, PROGRAM_GS);
	__asm__ volatile("swapgs\n\t"
	                 "int $1\n\t"
	                 "swapgs" ::
	                         : "memory");
	unsealed_set_handler(TRAP_DEBUG, before);
	EXPECT(seen_count == 2 && seen_gs == gs && cpu_read_msr(CPU_MSR_GS_BASE) == gs);
	EXPECT(cpu_read_msr(MSR_KERNEL_GS_BASE) == PROGRAM_GS);
}

/* Ring 3, for one instruction, and a trap back. The handler sends the frame on to the kernel again. */
static struct {
	uint64_t resume, rsp;
} ring3;

static void return_from_ring3(struct trap_frame *frame)
{
	note(frame);
	frame->cs = SELECTOR_KERNEL_CODE;
	frame->ss = SELECTOR_KERNEL_DATA;
	frame->rip = ring3.resume;
	frame->rsp = ring3.rsp;
	frame->rflags = 2;
}

static void enter_ring3(uint64_t flags)
{
	/* The stub leaves with the program's GS, for it knows of no way from there into the kernel. */
	__asm__ volatile("pushq %%rbp\n\t"
	                 "movq %%rsp, %1\n\t"
	                 "leaq 1f(%%rip), %%rax\n\t"
	                 "movq %%rax, %0\n\t"
	                 "pushq %2\n\t"
	                 "pushq %3\n\t"
	                 "pushq %4\n\t"
	                 "pushq %5\n\t"
	                 "pushq %6\n\t"
	                 "swapgs\n\t"
	                 "iretq\n"
	                 "1:\n\t"
	                 "swapgs\n\t"
	                 "popq %%rbp"
	                 : "=m"(ring3.resume), "=m"(ring3.rsp)
	                 : "i"(SELECTOR_USER_DATA), "i"(0), "r"(flags), "i"(SELECTOR_USER_CODE), "i"(PROGRAM_CODE)
	                 : "memory", "cc", "rax");
}

/* Runs `code` in ring 3 until `vector` comes; the handler has noted the frame. */
static void run_program(
        const struct boot_info *info, unsigned int vector, const uint8_t *code, size_t size, uint64_t flags)
{
	static uint8_t stack[8192] __attribute__((aligned(16)));
	trap_handler *before = unsealed_set_handler(vector, return_from_ring3);

	begin();
	descriptors_set_kernel_stack((uint64_t)stack + sizeof(stack));
	cpu_write_msr(MSR_KERNEL_GS_BASE, PROGRAM_GS);
	program_map(info, code, size);
	enter_ring3(flags);
	program_unmap();
	unsealed_set_handler(vector, before);
}

static bool came_from_ring3(uint64_t gs)
{
	return seen_count == 1 && trap_from_user(&seen) && seen.cs == SELECTOR_USER_CODE &&
	       seen.ss == SELECTOR_USER_DATA && seen_gs == gs && cpu_read_msr(CPU_MSR_GS_BASE) == gs &&
	       cpu_read_msr(MSR_KERNEL_GS_BASE) == PROGRAM_GS;
}

KERNEL_TEST(ring3_breakpoint)
{
	static const uint8_t code[] = {0xcc};
	uint64_t gs = cpu_read_msr(CPU_MSR_GS_BASE);

	run_program(info, TRAP_BREAKPOINT, code, sizeof(code), FLAGS_RING3);
	EXPECT(came_from_ring3(gs) && seen.rip == PROGRAM_CODE + 1);
}

/* An exception with an error code. */
KERNEL_TEST(ring3_page_fault)
{
	static const uint8_t code[] = {0xa2, 0, 0, 0, 0, 0, 0, 0, 0}; /* mov [0], al */
	uint64_t gs = cpu_read_msr(CPU_MSR_GS_BASE);

	run_program(info, TRAP_PAGE_FAULT, code, sizeof(code), FLAGS_RING3);
	EXPECT(came_from_ring3(gs) && seen.rip == PROGRAM_CODE && seen.error == 6);
}

/* A vector that finds GS by itself. */
KERNEL_TEST(ring3_single_step)
{
	static const uint8_t code[] = {0x90, 0xcc};
	uint64_t gs = cpu_read_msr(CPU_MSR_GS_BASE);

	run_program(info, TRAP_DEBUG, code, sizeof(code), FLAGS_RING3 | 1 << 8);
	EXPECT(came_from_ring3(gs) && seen.rip == PROGRAM_CODE + 1);
}

/* Ring 3 may not halt, nor raise the kernel's vectors, nor touch a port. */
KERNEL_TEST(ring3_is_confined)
{
	static const uint8_t halt[] = {0xf4}, interrupt[] = {0xcd, 0x20}, port[] = {0xe4, 0x60};

	run_program(info, TRAP_GENERAL_PROTECTION, halt, sizeof(halt), FLAGS_RING3);
	EXPECT(seen_count == 1 && seen.rip == PROGRAM_CODE && seen.error == 0);
	run_program(info, TRAP_GENERAL_PROTECTION, interrupt, sizeof(interrupt), FLAGS_RING3);
	EXPECT(seen_count == 1 && seen.rip == PROGRAM_CODE && (seen.error & 2)); /* 2: about the IDT */
	run_program(info, TRAP_GENERAL_PROTECTION, port, sizeof(port), FLAGS_RING3);
	EXPECT(seen_count == 1 && seen.rip == PROGRAM_CODE);
}
