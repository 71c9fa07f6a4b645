/*
 * What comes from outside, at any time: `nmi=NAME` on the command line. Each says when it waits for it.
 */
#include <stdbool.h>

#include "core/boot_word.h"
#include "core/log.h"
#include "core/panic.h"
#include "cpu.h"
#include "lib/string.h"
#include "machine_end.h"
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

static void in_handler(void)
{
	report = unsealed_set_handler(TRAP_NMI, report_nmi);
	unsealed_set_handler(VECTOR, handle_interrupt);
	__asm__ volatile("int %0" ::"i"(VECTOR) : "memory");
	log_info("All goes on.\n");
}

static void wait_for_byte(void)
{
	while (!(cpu_in8(COM1_LSR) & LSR_RECEIVED))
		cpu_relax();
	cpu_in8(COM1_DATA);
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
}

static void wait_for_machine_check(void)
{
	log_info("The kernel waits for a machine check.\n");
	for (;;)
		cpu_relax();
}

static const struct {
	char name[12];
	void (*run)(void);
} scenarios[] = {
        {"handler", in_handler},
        {"nmi", in_nmi},
        {"machine", wait_for_machine_check},
};

static void run_scenario(const struct boot_info *info, const char *value, size_t value_length)
{
	(void)info;
	panic_set_end(machine_end_failed);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (value_length == strlen(scenarios[i].name) && memcmp(value, scenarios[i].name, value_length) == 0) {
			scenarios[i].run();
			log_drain();
			machine_end(true);
		}
	}
	panic("The scenario %.*s is unknown.", (int)value_length, value);
}

BOOT_WORD(nmi, "=NAME waits for an NMI or a machine check from outside, and ends the machine", run_scenario);
