/*
 * What can go wrong without any device or memory of its own.
 */
#include <stdint.h>

#include "core/fault_kind.h"
#include "core/hand_over.h"
#include "core/panic.h"
#include "linker.h"
#include "local_apic.h"
#include "provoke.h"
#include "reset.h"

FAULT_KIND(divide, "exception 0: a division by zero", provoke_divide);
FAULT_KIND(debug, "exception 1: a debug trap", provoke_debug);
FAULT_KIND(breakpoint, "exception 3: a breakpoint; goes on", provoke_breakpoint);
FAULT_KIND(overflow, "exception 4: an overflow that was asked about", provoke_overflow);
FAULT_KIND(opcode, "exception 6: an instruction that is none", provoke_opcode);
FAULT_KIND(machine, "exception 18: a machine check that no bank explains", provoke_machine_check);

static void send_nmi(void)
{
	if (local_apic_present())
		local_apic_send_nmi();
}

FAULT_KIND(nmi, "exception 2: the CPU sends itself an NMI; goes on", send_nmi);

static void push_below_stack(void)
{
	provoke_push_at(hand_over_info()->kernel.stack_virtual);
}

FAULT_KIND(double, "exception 8: no room on the stack for another fault", push_below_stack);

/* Runs down the whole stack and into its guard page. */
static __attribute__((noinline)) unsigned int recurse(volatile unsigned int *depth)
{
	volatile unsigned int next = *depth + 1;

	if (next == 0)
		return 0;
	return recurse(&next) + next;
}

static void overflow_stack(void)
{
	volatile unsigned int depth = 0;

	recurse(&depth);
}

FAULT_KIND(stack, "exception 8: a function that calls itself for ever", overflow_stack);

static void write_no_canonical(void)
{
	provoke_write(0x8000000000000000);
}

FAULT_KIND(gp, "exception 13: an address that is not canonical", write_no_canonical);

static void jump_nowhere(void)
{
	provoke_call(0x0000800000000000);
}

FAULT_KIND(nowhere, "exception 13: a jump to one", jump_nowhere);

static void read_null(void)
{
	provoke_read(0);
}

FAULT_KIND(null, "exception 14: a null pointer is read", read_null);

static void write_null(void)
{
	provoke_write(0x10); /* fault=page */
}

FAULT_KIND(page, "exception 14: a member behind a null pointer is written", write_null);

static void write_constant(void)
{
	provoke_write((uint64_t)linker_rodata_start);
}

FAULT_KIND(constant, "exception 14: a constant is written", write_constant);

static void execute_data(void)
{
	static uint8_t code[] = {0xc3};

	provoke_call((uint64_t)code);
}

FAULT_KIND(data, "exception 14: a variable is executed", execute_data);

/* A call through a pointer that was never set. */
static void jump(void)
{
	provoke_call(0);
}

FAULT_KIND(jump, "exception 14: a null pointer is called", jump);

/* One byte too many, over and over. */
static void smash(void)
{
	uint8_t room[16];
	volatile uint8_t *end = room + sizeof(room);

	__asm__("" : "+r"(end)); /* or the compiler sees what this is */
	for (unsigned int i = 0; i < 32; i++)
		end[i] = 0x55;
}

FAULT_KIND(smash, "a panic: an array on the stack is overrun", smash);

static void panics(void)
{
	panic("Somebody asked for it: %u bytes of boot_info.", hand_over_info()->size);
}

FAULT_KIND(triple, "no report: a fault that cannot be delivered resets the machine", reset_by_triple_fault);
FAULT_KIND(reset, "no report: the chip set resets the machine", reset_by_chipset);
FAULT_KIND(panic, "a panic that means nothing", panics);
