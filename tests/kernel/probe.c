#include "probe.h"

#include "cpu.h"
#include "trap.h"
#include "unseal.h"

static struct {
	uint64_t address; /* where the fault is expected */
	uint64_t resume;  /* and where to go on after it */
	struct probe result;
	trap_handler *others;
} probe;

static void handle_page_fault(struct trap_frame *frame)
{
	if (cpu_read_cr2() != probe.address) {
		probe.others(frame);
		return;
	}
	probe.result = (struct probe){true, frame->error};
	frame->rip = probe.resume;
}

static void begin(uint64_t address)
{
	probe.address = address;
	probe.result = (struct probe){false, 0};
	probe.others = unsealed_set_handler(TRAP_PAGE_FAULT, handle_page_fault);
}

static struct probe end(void)
{
	unsealed_set_handler(TRAP_PAGE_FAULT, probe.others);
	return probe.result;
}

struct probe probe_read(uint64_t address)
{
	uint64_t scratch;

	begin(address);
	__asm__ volatile("leaq 1f(%%rip), %0\n\t"
	                 "movq %0, %1\n\t"
	                 "movb (%2), %b0\n"
	                 "1:"
	                 : "=&r"(scratch), "=m"(probe.resume)
	                 : "r"(address)
	                 : "memory");
	return end();
}

struct probe probe_write(uint64_t address, uint8_t value)
{
	uint64_t scratch;

	begin(address);
	__asm__ volatile("leaq 1f(%%rip), %0\n\t"
	                 "movq %0, %1\n\t"
	                 "movb %3, (%2)\n"
	                 "1:"
	                 : "=&r"(scratch), "=m"(probe.resume)
	                 : "r"(address), "q"(value)
	                 : "memory");
	return end();
}

struct probe probe_execute(uint64_t address)
{
	begin(address);
	/* The call has pushed its return address when the fetch faults: RBX keeps the stack pointer. */
	__asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
	                 "movq %%rax, %0\n\t"
	                 "movq %%rsp, %%rbx\n\t"
	                 "call *%1\n"
	                 "1:\n\t"
	                 "movq %%rbx, %%rsp"
	                 : "=m"(probe.resume)
	                 : "r"(address)
	                 : "memory", "cc", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11");
	return end();
}
