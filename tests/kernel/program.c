#include "program.h"

#include "cpu.h"
#include "descriptors.h"
#include "lib/string.h"
#include "paging.h"
#include "unseal.h"

static uint64_t physical_of(const struct boot_info *info, const void *address)
{
	return info->kernel.physical + ((uint64_t)address - info->kernel.base_virtual);
}

static void set_lowest_entry(uint64_t entry)
{
	uint64_t *top = paging_direct(cpu_read_cr3() & PAGE_ADDRESS);

	top[0] = entry;
	cpu_write_cr3(cpu_read_cr3());
}

void program_map(const struct boot_info *info, const uint8_t *code, size_t size)
{
	static uint64_t tables[3][512] __attribute__((aligned(PAGE_SIZE)));
	static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

	memcpy(page, code, size);
	tables[0][0] = physical_of(info, tables[1]) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
	tables[1][PROGRAM_CODE >> 21] = physical_of(info, tables[2]) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
	tables[2][0] = physical_of(info, page) | PAGE_PRESENT | PAGE_USER;
	set_lowest_entry(physical_of(info, tables[0]) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER);
}

void program_unmap(void)
{
	set_lowest_entry(0);
}

static struct {
	uint64_t resume, rsp, flags;
	struct program_trap trap;
} run;

/* Sends the frame on into the kernel. Traps of the kernel's own are not what is waited for. */
static void come_back(struct trap_frame *frame)
{
	if (!trap_from_user(frame))
		return;
	run.trap.frame = *frame;
	run.trap.gs = cpu_read_msr(CPU_MSR_GS_BASE);
	run.trap.count++;
	frame->cs = SELECTOR_KERNEL_CODE;
	frame->ss = SELECTOR_KERNEL_DATA;
	frame->rip = run.resume;
	frame->rsp = run.rsp;
	frame->rflags = 2;
}

/* With interrupts off: none must come between SWAPGS and IRETQ. */
static void enter(void)
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
	                 : "=m"(run.resume), "=m"(run.rsp)
	                 : "i"(SELECTOR_USER_DATA), "i"(0), "m"(run.flags), "i"(SELECTOR_USER_CODE), "i"(PROGRAM_CODE)
	                 : "memory", "cc", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
	                 "r13", "r14", "r15");
}

struct program_trap program_run(
        const struct boot_info *info, unsigned int vector, const uint8_t *code, size_t size, uint64_t flags)
{
	static uint8_t stack[8192] __attribute__((aligned(16)));
	trap_handler *before = unsealed_set_handler(vector, come_back);
	uint64_t interrupts = cpu_interrupts_save();

	run.trap.count = 0;
	descriptors_set_kernel_stack((uint64_t)stack + sizeof(stack));
	cpu_write_msr(PROGRAM_MSR_GS, PROGRAM_GS);
	program_map(info, code, size);
	run.flags = flags;
	enter();
	program_unmap();
	cpu_interrupts_restore(interrupts);
	unsealed_set_handler(vector, before);
	return run.trap;
}
