#include "core/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/exceptions.h"
#include "core/log.h"
#include "core/panic.h"
#include "core/symbols.h"
#include "cpu.h"
#include "lib/format.h"
#include "paging.h"
#include "trap.h"

#define CODE_BEFORE 8 /* bytes of code shown before the instruction, and from it on */
#define CODE_AFTER  12

#define PUSH_RBP 0x55 /* how a function with a stack frame begins */

/* The reports under way: more than one if reporting itself faults. */
static struct {
	unsigned int count;
	const struct trap_frame *first;
} reports;

static void print_cause(const struct trap_frame *f)
{
	const struct exception *exception = exceptions_find((unsigned int)f->vector);
	char text[SYMBOLS_TEXT_MAX];

	log_error("\n%s (exception %lu): %s\n", exception->name, f->vector, exception->sentence);
	exceptions_describe_error((unsigned int)f->vector, f->error, cpu_read_cr2(), text, sizeof(text));
	if (text[0] != '\0')
		log_error("%s\n", text);
	log_error("at %s", symbols_describe(f->rip, text));
	if (f->error != 0)
		log_error(", error code %lx", f->error);
	log_error("\n");
}

static void print_registers(const struct trap_frame *f)
{
	log_info("rax %016lx  rbx %016lx  rcx %016lx\n", f->rax, f->rbx, f->rcx);
	log_info("rdx %016lx  rsi %016lx  rdi %016lx\n", f->rdx, f->rsi, f->rdi);
	log_info("rbp %016lx  rsp %016lx  rip %016lx\n", f->rbp, f->rsp, f->rip);
	log_info("r8  %016lx  r9  %016lx  r10 %016lx\n", f->r8, f->r9, f->r10);
	log_info("r11 %016lx  r12 %016lx  r13 %016lx\n", f->r11, f->r12, f->r13);
	log_info("r14 %016lx  r15 %016lx  cr2 %016lx\n", f->r14, f->r15, cpu_read_cr2());
	log_info("cr0 %lx  cr3 %lx  cr4 %lx  rflags %lx  cs %lx  ss %lx\n", cpu_read_cr0(), cpu_read_cr3(),
	        cpu_read_cr4(), f->rflags, f->cs, f->ss);
}

/* The first byte of the instruction stands in brackets. */
static void print_code(uint64_t rip)
{
	char line[3 * (CODE_BEFORE + CODE_AFTER) + 3] = "";
	size_t length = 0;

	for (uint64_t address = rip - CODE_BEFORE; address != rip + CODE_AFTER; address++) {
		const char *format = address == rip ? " [%02x]" : " %02x";

		if (paging_can_read(address, 1))
			length +=
			        format_string(line + length, sizeof(line) - length, format, *(const uint8_t *)address);
	}
	log_info("code%s\n", length > 0 ? line : " is not mapped");
}

/*
 * The caller of code that has no stack frame, so that the chain of frames begins with the next one: a jump into the
 * void, or a small function whose compiler left the frame out. The return address then is the last thing on the stack.
 * 0 if the code has a frame, or what is there does not look like it.
 */
static uint64_t caller_without_frame(const struct trap_frame *f)
{
	uint64_t offset, caller;
	const char *name = symbols_find(f->rip, &offset);

	if (paging_can_read(f->rip, 1) && (name == NULL || *(const uint8_t *)(f->rip - offset) == PUSH_RBP))
		return 0;
	if (!paging_can_read(f->rsp, sizeof(caller)))
		return 0;
	caller = *(const uint64_t *)f->rsp;
	return symbols_find(caller, &offset) != NULL ? caller : 0;
}

static void print_report(const struct trap_frame *f)
{
	print_cause(f);
	print_registers(f);
	print_code(f->rip);
	panic_print_callers(caller_without_frame(f), f->rbp);
}

static const char *name_of(const struct trap_frame *f)
{
	return exceptions_find((unsigned int)f->vector)->name;
}

/* Once is explained; the next time the end is all there is to say; then words do not get out and the CPU only stops. */
static _Noreturn void handle_fault_in_report(const struct trap_frame *f)
{
	char text[SYMBOLS_TEXT_MAX];

	if (reports.count > 3)
		cpu_stop();
	if (reports.count > 2)
		panic_end();
	log_error("\n%s while reporting, at %s, address %016lx\n", name_of(f), symbols_describe(f->rip, text),
	        cpu_read_cr2());
	panic_print_callers(caller_without_frame(f), f->rbp);
	log_error("What was to be reported: %s at %s\n", name_of(reports.first),
	        symbols_describe(reports.first->rip, text));
	panic_end();
}

static bool is_survivable(uint64_t vector)
{
	return vector == TRAP_BREAKPOINT || vector == TRAP_NMI;
}

static void handle_trap(struct trap_frame *f)
{
	if (f->vector >= TRAP_EXCEPTIONS) {
		log_warning("Interrupt %lu came, but nobody expects it.\n", f->vector);
		return;
	}
	if (++reports.count > 1)
		handle_fault_in_report(f);
	reports.first = f;
	if (!is_survivable(f->vector))
		log_enter_emergency();
	print_report(f);
	if (!is_survivable(f->vector))
		panic_end();
	reports.count--;
}

void fault_start(void)
{
	trap_start(handle_trap);
}
