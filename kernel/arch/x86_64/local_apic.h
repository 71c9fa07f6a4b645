/*
 * The local APIC of each CPU (Intel SDM volume 3, chapter 11): where interrupts arrive, and a timer. Its registers are
 * in memory, or, in a CPU that has the x2APIC, MSRs. All functions but the first three may be called on any CPU and are
 * about that CPU's own.
 */
#ifndef ARCH_LOCAL_APIC_H
#define ARCH_LOCAL_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/acpi.h"

#define LOCAL_APIC_SIZE 4096 /* bytes of registers in memory */

/* [any] Where the registers are in memory; 0 if this CPU has no local APIC, or one whose registers are MSRs. */
uint64_t local_apic_address(void);

/* [any] Has the CPU one that local_apic_start() can take into service? */
bool local_apic_exists(void);

/*
 * [init] Takes the boot CPU's into service: `registers` is where they were mapped (NULL: they are MSRs), `madt` says at
 * which pin the NMI arrives, `with_8259` lets the 8259's interrupts through.
 */
void local_apic_start(void *registers, const struct acpi_madt *madt, bool with_8259);

/* [init] The same on another CPU, which gets none of the 8259's. */
void local_apic_start_cpu(void);

/* [any] Was local_apic_start() called? */
bool local_apic_present(void);

/* [any] Are the registers MSRs? */
bool local_apic_is_x2apic(void);

/* [irq] The number by which interrupts are sent to this CPU. */
uint32_t local_apic_id(void);

/* What one CPU can send another, by the number of its local APIC (11.6.1). */
enum local_apic_message {
	LOCAL_APIC_INTERRUPT = 0x4000, /* and the vector */
	LOCAL_APIC_NMI = 0x4400,
	LOCAL_APIC_INIT = 0x4500,
	LOCAL_APIC_STARTUP = 0x4600, /* and the number of the page below 1 MiB where it begins */
};

/* [irq] Sends one of the above, to this CPU too. Returns when it is under way; whether it arrives nobody says. */
void local_apic_send(uint32_t apic_id, uint32_t message);

/* [irq] This CPU gets an NMI, at once or nearly so. */
void local_apic_send_nmi(void);

/* [irq] The interrupt in service was handled. */
void local_apic_eoi(void);

/* [irq] The same, for controllers whose lines all end in this way (interrupt_chip.h). */
void local_apic_end(unsigned int line);

/* [irq] What went wrong since it was last asked (error status register, 11.5.3): 0 if nothing. */
uint32_t local_apic_take_error(void);

/*
 * [irq] The timer interrupts by `vector` once after each arming. With `tsc_deadline` (the CPU must have it) it is armed
 * with a value of the time-stamp counter, else with a count that falls once in 16 cycles of the bus. Not armed at
 * first.
 */
void local_apic_timer_start(unsigned int vector, bool tsc_deadline);
void local_apic_timer_arm(uint32_t count);
void local_apic_timer_arm_deadline(uint64_t tsc);

/* [irq] Disarms it, in either mode. */
void local_apic_timer_stop(void);

/* [irq] What is left of the count: 0 if the timer is not armed. */
uint32_t local_apic_timer_count(void);

#endif
