/*
 * What comes from outside, at any time. Each says when it waits for it, and ends the machine as passed.
 */
#include <stdbool.h>

#include "core/fault_kind.h"
#include "core/hand_over.h"
#include "core/log.h"
#include "cpu.h"
#include "local_apic.h"
#include "machine_end.h"
#include "percpu.h"
#include "program.h"
#include "trap.h"
#include "unseal.h"

#define VECTOR 0x20 /* of an interrupt, which nobody else raises: the 8259 is masked */

#define COM1_DATA    0x3f8 /* tests/boot types here */
#define COM1_LSR     0x3fd
#define LSR_RECEIVED 0x01

static volatile unsigned int nmis;
static trap_handler *report;

static void wait_for_nmi(unsigned int count)
{
	while (nmis < count)
		cpu_relax();
}

static void report_nmi(struct trap_frame *frame)
{
	report(frame);
	nmis++;
}

static void handle_interrupt(struct trap_frame *frame)
{
	(void)frame;
	log_info("An interrupt's handler waits for an NMI.\n");
	wait_for_nmi(1);
	log_info("The handler goes on.\n");
}

/* For where nobody outside can. */
static void handle_and_send(struct trap_frame *frame)
{
	(void)frame;
	local_apic_send_nmi();
	wait_for_nmi(1);
	log_info("The handler goes on.\n");
}

static _Noreturn void pass(void)
{
	log_drain();
	machine_end(true);
}

static void interrupt(trap_handler *handler)
{
	report = unsealed_set_handler(TRAP_NMI, report_nmi);
	unsealed_set_handler(VECTOR, handler);
	__asm__ volatile("int %0" ::"i"(VECTOR) : "memory");
	log_info("All goes on.\n");
	pass();
}

static void in_handler(void)
{
	interrupt(handle_interrupt);
}

FAULT_KIND(nmi_handler, "an NMI from outside, in an interrupt's handler", in_handler);

static void by_self(void)
{
	interrupt(handle_and_send);
}

FAULT_KIND(nmi_self, "an NMI of our own, in an interrupt's handler", by_self);

static bool byte_came(void)
{
	if (!(cpu_in8(COM1_LSR) & LSR_RECEIVED))
		return false;
	cpu_in8(COM1_DATA);
	return true;
}

static void wait_for_byte(void)
{
	while (!byte_came())
		cpu_relax();
}

static void fault(void *context)
{
	(void)context;
	__asm__ volatile("ud2");
}

static void abandon(struct trap_frame *frame)
{
	(void)frame;
	trap_abandon();
}

static void wait_in_nmi(struct trap_frame *frame)
{
	(void)frame;
	nmis++;
	if (nmis > 1)
		return;
	log_info("The NMI's handler waits for another and a byte.\n");
	wait_for_byte();
	if (!trap_try(fault, NULL))
		log_info("A fault was survived, and %u NMI has come.\n", nmis);
}

/* No NMI interrupts another's handler, not even one in which there was a fault. */
static void in_nmi(void)
{
	unsealed_set_handler(TRAP_NMI, wait_in_nmi);
	unsealed_set_handler(TRAP_INVALID_OPCODE, abandon);
	log_info("The kernel waits for an NMI.\n");
	wait_for_nmi(2);
	log_info("The second NMI came after the first.\n");
	pass();
}

FAULT_KIND(nmi_nmi, "an NMI from outside, in an NMI's handler", in_nmi);

/* Sets registers; INT3, from which the kernel returns as if nothing had been; then INT 4, which ends it. */
static const uint8_t program[] = {
        0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, /* mov rax, 0807060504030201h */
        0x48, 0x89, 0xc3, 0x48, 0xff, 0xc3, /* mov rbx, rax; inc rbx */
        0x48, 0x89, 0xdd, 0x48, 0xff, 0xc5, /* mov rbp, rbx; inc rbp */
        0x49, 0x89, 0xef, 0x49, 0xff, 0xc7, /* mov r15, rbp; inc r15 */
        0xcc, 0xcd, 0x04,                   /* int3; int 4 */
};

static void return_to_program(struct trap_frame *frame)
{
	(void)frame;
}

static unsigned int wrong;
static uint64_t own_gs;

static void check_gs(struct trap_frame *frame)
{
	(void)frame;
	nmis++;
	if (cpu_read_msr(CPU_MSR_GS_BASE) != own_gs || percpu_cpu() != 0)
		wrong++;
}

static bool is_unharmed(const struct program_trap *trap)
{
	const struct trap_frame *f = &trap->frame;

	return trap->count == 1 && f->rip == PROGRAM_CODE + sizeof(program) && f->rax == 0x0807060504030201 &&
	       f->rbx == f->rax + 1 && f->rbp == f->rax + 2 && f->r15 == f->rax + 3 && trap->gs == own_gs &&
	       cpu_read_msr(PROGRAM_MSR_GS) == PROGRAM_GS;
}

/* Runs the program over and over until a byte comes; meanwhile NMIs come wherever the host likes. */
static void in_program(void)
{
	own_gs = cpu_read_msr(CPU_MSR_GS_BASE);
	unsealed_set_handler(TRAP_NMI, check_gs);
	unsealed_set_handler(TRAP_BREAKPOINT, return_to_program);
	log_info("A program runs.\n");
	while (!byte_came()) {
		struct program_trap trap =
		        program_run(hand_over_info(), TRAP_OVERFLOW, program, sizeof(program), PROGRAM_FLAGS);

		if (!is_unharmed(&trap))
			wrong++;
	}
	log_info("NMIs: %u, wrong: %u\n", nmis, wrong);
	pass();
}

FAULT_KIND(nmi_program, "NMIs from outside, while a program runs", in_program);

static void wait_for_machine_check(void)
{
	log_info("The kernel waits for a machine check.\n");
	for (;;)
		cpu_relax();
}

FAULT_KIND(nmi_machine, "a machine check from outside", wait_for_machine_check);
