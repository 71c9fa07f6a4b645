#include "core/exceptions.h"

#include "lib/format.h"
#include "trap.h"

/* Error code of a page fault (Intel SDM volume 3, 4.7). */
#define FAULT_PRESENT  (1u << 0)
#define FAULT_WRITE    (1u << 1)
#define FAULT_USER     (1u << 2)
#define FAULT_RESERVED (1u << 3)
#define FAULT_FETCH    (1u << 4)

/* Error code that names a descriptor (6.13). */
#define SELECTOR_EXTERNAL (1u << 0)
#define SELECTOR_IDT      (1u << 1)
#define SELECTOR_LDT      (1u << 2)

static const struct exception exceptions[TRAP_EXCEPTIONS] = {
        [0] = {"Divide error", "a division by zero, or a quotient that does not fit"},
        [1] = {"Debug", "a single step or a debug register's breakpoint"},
        [2] = {"Non-maskable interrupt", "the hardware, a button, or the watchdog"},
        [3] = {"Breakpoint", "the code asks to show where it is"},
        [4] = {"Overflow", "INTO found the overflow flag set"},
        [5] = {"Bound range", "BOUND found an index out of its range"},
        [6] = {"Invalid opcode", "no instruction, or not allowed here"},
        [7] = {"Device not available", "vector instructions are not enabled"},
        [8] = {"Double fault", "a fault while one was delivered: often a bad stack"},
        [9] = {"Coprocessor overrun", "a CPU with long mode never raises this"},
        [10] = {"Invalid TSS", "the task state segment is damaged"},
        [11] = {"Segment not present", "a descriptor that is used is marked absent"},
        [12] = {"Stack fault", "a stack address that is not canonical"},
        [13] = {"General protection", "often an address that is not canonical"},
        [14] = {"Page fault", "an address that is not mapped, or not for this use"},
        [16] = {"x87 error", "a floating-point operation went wrong"},
        [17] = {"Alignment check", "a program missed the alignment it asked for"},
        [18] = {"Machine check", "the hardware found an error in itself"},
        [19] = {"SIMD error", "a vector operation went wrong"},
        [20] = {"Virtualization", "a virtual machine's page tables refused"},
        [21] = {"Control protection", "a return or jump went where none is allowed"},
        [28] = {"Hypervisor injection", "the hypervisor wants something"},
        [29] = {"VMM communication", "the encrypted machine must ask its hypervisor"},
        [30] = {"Security", "the machine's security rules were broken"},
};

static const struct exception reserved = {"Reserved exception", "this vector has no meaning yet"};

const struct exception *exceptions_find(unsigned int vector)
{
	return exceptions[vector].name != NULL ? &exceptions[vector] : &reserved;
}

/* Those that may push one (Intel SDM volume 3, table 6-1; AMD64 volume 2, table 8-1). */
#define WITH_ERROR                                                                                                     \
	(1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17 | 1u << 21 | 1u << 29 | 1u << 30)

bool exceptions_have_error(unsigned int vector)
{
	return vector < TRAP_EXCEPTIONS && (WITH_ERROR >> vector & 1);
}

/* The pages of programs lie in the lower half: there the kernel is also stopped by SMEP and SMAP. */
static const char *page_fault_cause(uint64_t error, bool lower_half)
{
	bool kernel_below = lower_half && !(error & FAULT_USER);

	if (error & FAULT_RESERVED)
		return "a reserved bit is set there";
	if (!(error & FAULT_PRESENT))
		return "nothing is mapped there";
	if (error & FAULT_FETCH)
		return kernel_below ? "the page is a program's" : "the page is not executable";
	if (error & FAULT_WRITE)
		return kernel_below ? "the page is a program's, or read-only" : "the page is read-only";
	return kernel_below ? "the page is a program's" : "the page is the kernel's";
}

static void describe_page_fault(uint64_t error, uint64_t address, char *text, size_t size)
{
	const char *doing = error & FAULT_FETCH ? "executing" : error & FAULT_WRITE ? "writing" : "reading";
	const char *who = error & FAULT_USER ? "a program" : "the kernel";

	format_string(
	        text, size, "%s %016lx in %s: %s", doing, address, who, page_fault_cause(error, (int64_t)address >= 0));
}

static void describe_selector(uint64_t error, char *text, size_t size)
{
	const char *table = error & SELECTOR_IDT ? "IDT" : error & SELECTOR_LDT ? "LDT" : "GDT";
	const char *cause = error & SELECTOR_EXTERNAL ? ", from outside the program" : "";

	format_string(text, size, "about entry %lu of the %s%s", error >> 3 & 0x1fff, table, cause);
}

const char *exceptions_describe_error(unsigned int vector, uint64_t error, uint64_t address, char *text, size_t size)
{
	text[0] = '\0';
	if (vector == TRAP_PAGE_FAULT)
		describe_page_fault(error, address, text, size);
	else if (vector >= TRAP_INVALID_TSS && vector <= TRAP_GENERAL_PROTECTION && error != 0)
		describe_selector(error, text, size);
	return text;
}
