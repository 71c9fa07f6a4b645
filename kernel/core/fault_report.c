#include "core/fault_report.h"

#include "core/exceptions.h"
#include "core/lines.h"
#include "core/log.h"
#include "core/operand.h"
#include "core/owner.h"
#include "core/page_walk.h"
#include "core/panic.h"
#include "core/registers.h"
#include "core/running_thread.h"
#include "core/symbols.h"
#include "lib/format.h"
#include "machine_check.h"
#include "paging.h"
#include "percpu.h"

#define CODE_BEFORE 8 /* bytes of code shown before the instruction, and from it on */
#define CODE_AFTER  12

#define INSTRUCTION_MAX 15 /* bytes */

#define CALLERS_ON_SCREEN 8 /* lines that leave the whole report on a screen of 25 */

#define PUSH_RBP 0x55 /* how a function with a stack frame begins */

/* What one PUSH of the CPU's own needs below the stack pointer. */
#define PUSHED 8

static void print_cause(const struct fault *fault)
{
	const struct trap_frame *f = &fault->frame;
	const struct exception *exception = exceptions_find((unsigned int)f->vector);
	char text[EXCEPTIONS_TEXT_MAX];

	log_error("\n%s (exception %lu): %s\n", exception->name, f->vector, exception->sentence);
	exceptions_describe_error((unsigned int)f->vector, f->error, fault->address, text, sizeof(text));
	if (text[0] != '\0')
		log_error("%s\n", text);
}

static void print_place(const struct fault *fault)
{
	const struct trap_frame *f = &fault->frame;
	const char *thread = running_thread_name();
	char text[SYMBOLS_TEXT_MAX], place[LINES_TEXT_MAX];

	log_error("at %s%s", symbols_describe(f->rip, text), lines_describe(f->rip, place));
	if (exceptions_have_error((unsigned int)f->vector))
		log_error(", error code %lx", f->error);
	log_error(", CPU %u%s%s\n", percpu_cpu(), thread != NULL ? ", thread " : "", thread != NULL ? thread : "");
}

static void print_owner(uint64_t address)
{
	char text[DESCRIBER_TEXT_MAX];

	log_error("%016lx: %s\n", address, owner_describe(address, "nobody's", text));
}

static void print_walk(uint64_t address)
{
	uint64_t entries[PAGE_LEVELS];
	unsigned int count = paging_entries(address, entries);
	char text[PAGE_WALK_TEXT_MAX];

	if (count > 0)
		log_info("page tables: %s\n", page_walk_describe(address, entries, count, text, sizeof(text)));
}

static bool is_writable(uint64_t address)
{
	struct paging_walk walk = paging_look_up(address);

	return walk.mapped && walk.writable;
}

/* No frame could be pushed: mostly because of where the stack pointer led. */
static void print_stack(const struct trap_frame *f)
{
	uint64_t next = f->rsp - PUSHED;

	if (is_writable(next))
		return;
	if (is_writable(next + PAGE_SIZE))
		log_error("the stack overflowed: nothing can be written below %016lx\n", f->rsp);
	else
		log_error("the stack pointer is of no use: nothing can be written below %016lx\n", f->rsp);
	print_owner(next);
	print_walk(next);
}

static void print_machine_checks(void)
{
	bool told = false;

	for (unsigned int bank = 0; bank < machine_check_banks(); bank++) {
		struct machine_check check;

		if (!machine_check_read(bank, &check))
			continue;
		told = true;
		log_error("bank %u: error %x, %s, status %016lx", bank,
		        (unsigned int)(check.status & MACHINE_CHECK_CODE),
		        check.status & MACHINE_CHECK_UNCORRECTED ? "not corrected" : "corrected", check.status);
		if (check.status & MACHINE_CHECK_ADDRESS_VALID)
			log_error(", address %016lx", check.address);
		log_error("\n");
	}
	if (!told)
		log_error("no bank of the CPU tells which\n");
}

/* The address is the instruction's operand; or else it may be in any register. */
static void print_not_canonical(const struct trap_frame *f)
{
	uint64_t address;

	if (paging_can_read(f->rip, INSTRUCTION_MAX) &&
	        operand_find((const uint8_t *)f->rip, INSTRUCTION_MAX, f, &address) && !paging_is_canonical(address))
		print_owner(address);
	else
		registers_print_not_canonical(f);
}

/* What the error code does not tell. */
static void print_explanation(const struct fault *fault)
{
	const struct trap_frame *f = &fault->frame;

	switch (f->vector) {
	case TRAP_PAGE_FAULT:
		print_owner(fault->address);
		print_walk(fault->address);
		break;
	case TRAP_DOUBLE_FAULT:
		print_stack(f);
		break;
	case TRAP_GENERAL_PROTECTION:
	case TRAP_STACK:
		if (f->error == 0)
			print_not_canonical(f);
		break;
	case TRAP_MACHINE_CHECK:
		print_machine_checks();
		break;
	default:
		break;
	}
}

static void print_registers(const struct fault *fault)
{
	registers_print(&fault->frame, fault->address);
}

/* The first byte of the instruction stands in brackets. */
static void print_code(const struct fault *fault)
{
	uint64_t rip = fault->frame.rip;
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

unsigned int fault_report_print_callers(const struct trap_frame *f)
{
	return panic_print_callers(caller_without_frame(f), f->rbp);
}

/* After many lines the first ones have left the screen: then the cause is said again. */
static void print_callers(const struct fault *fault)
{
	if (fault_report_print_callers(&fault->frame) <= CALLERS_ON_SCREEN)
		return;
	print_cause(fault);
	print_place(fault);
}

fault_report_part *const fault_report_parts[] = {
        print_cause,
        print_explanation,
        print_place,
        print_registers,
        print_code,
        print_callers,
        NULL,
};
