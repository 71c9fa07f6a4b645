#include "local_apic.h"

#include <stddef.h>

#include "cpu.h"
#include "cpu_identity.h"
#include "percpu.h"
#include "vectors.h"

#define MSR_BASE     0x1bu /* IA32_APIC_BASE */
#define BASE_X2APIC  (1u << 10)
#define BASE_ENABLE  (1u << 11)
#define BASE_ADDRESS 0x000ffffffffff000ull

#define MSR_X2APIC       0x800u /* of the first register; each 16 bytes of memory are one MSR */
#define MSR_TSC_DEADLINE 0x6e0u

/* Offsets of the registers (table 11-1). */
enum local_apic_register {
	ID = 0x20,
	TASK_PRIORITY = 0x80,
	EOI = 0xb0,
	SPURIOUS = 0xf0,
	ERROR_STATUS = 0x280,
	COMMAND = 0x300,
	DESTINATION = 0x310,
	LVT_TIMER = 0x320,
	LVT_LINT0 = 0x350,
	LVT_LINT1 = 0x360,
	LVT_ERROR = 0x370,
	TIMER_INITIAL = 0x380,
	TIMER_CURRENT = 0x390,
	TIMER_DIVIDE = 0x3e0,
};

#define SPURIOUS_ENABLE (1u << 8)
#define COMMAND_PENDING (1u << 12)

/* Of an entry of the local vector table. */
#define LVT_NMI          (4u << 8)
#define LVT_EXTERNAL     (7u << 8) /* the vector comes from the 8259 */
#define LVT_ACTIVE_LOW   (1u << 13)
#define LVT_LEVEL        (1u << 15)
#define LVT_MASKED       (1u << 16)
#define LVT_TSC_DEADLINE (2u << 17)

#define DIVIDE_BY_16 3u

static struct {
	volatile uint32_t *registers; /* NULL: MSRs */
	const struct acpi_madt *madt;
	bool present;
	bool x2apic;
} apics;

static PERCPU(bool, by_tsc_deadline); /* the mode of this CPU's timer */

static uint32_t read_register(enum local_apic_register offset)
{
	if (apics.x2apic)
		return (uint32_t)cpu_read_msr(MSR_X2APIC + offset / 16);
	return apics.registers[offset / 4];
}

static void write_register(enum local_apic_register offset, uint32_t value)
{
	if (apics.x2apic)
		cpu_write_msr(MSR_X2APIC + offset / 16, value);
	else
		apics.registers[offset / 4] = value;
}

bool local_apic_exists(void)
{
	return cpu_has(CPU_APIC);
}

uint64_t local_apic_address(void)
{
	if (!cpu_has(CPU_APIC) || cpu_has(CPU_X2APIC))
		return 0;
	return cpu_read_msr(MSR_BASE) & BASE_ADDRESS;
}

bool local_apic_present(void)
{
	return apics.present;
}

bool local_apic_is_x2apic(void)
{
	return apics.x2apic;
}

uint32_t local_apic_id(void)
{
	uint32_t id = read_register(ID);

	return apics.x2apic ? id : id >> 24;
}

/*
 * In memory the command is two registers, between which no handler may send another; and the one before has to be under
 * way (11.6.1). With MSRs it is one, which nothing orders with what was written to memory before (11.12.3): the fence
 * does, or the receiver might not see yet what it is told of.
 */
void local_apic_send(uint32_t apic_id, uint32_t message)
{
	uint64_t flags;

	if (apics.x2apic) {
		cpu_fence();
		cpu_write_msr(MSR_X2APIC + COMMAND / 16, (uint64_t)apic_id << 32 | message);
		return;
	}
	flags = cpu_interrupts_save();
	while (read_register(COMMAND) & COMMAND_PENDING)
		cpu_relax();
	write_register(DESTINATION, apic_id << 24);
	write_register(COMMAND, message);
	cpu_interrupts_restore(flags);
}

/* By its number: the shorthand for oneself sends nothing but plain interrupts (11.6.1). */
void local_apic_send_nmi(void)
{
	local_apic_send(local_apic_id(), LOCAL_APIC_NMI);
}

void local_apic_eoi(void)
{
	write_register(EOI, 0);
}

void local_apic_end(unsigned int line)
{
	(void)line;
	write_register(EOI, 0);
}

/* The register shows what happened up to a write to it. */
uint32_t local_apic_take_error(void)
{
	write_register(ERROR_STATUS, 0);
	return read_register(ERROR_STATUS);
}

static uint32_t uid_of(uint32_t apic_id)
{
	for (unsigned int i = 0; i < apics.madt->cpu_count; i++) {
		if (apics.madt->cpus[i].apic_id == apic_id)
			return apics.madt->cpus[i].uid;
	}
	return ACPI_ALL_CPUS;
}

/* What the pin is for: the NMI where the MADT says so, and where it says nothing of any, at pin 1 as in every PC. */
static uint32_t pin_entry(uint8_t pin)
{
	uint32_t uid = uid_of(local_apic_id());

	for (unsigned int i = 0; i < apics.madt->nmi_count; i++) {
		const struct acpi_local_nmi *nmi = &apics.madt->nmis[i];

		if (nmi->pin == pin && (nmi->uid == ACPI_ALL_CPUS || nmi->uid == uid))
			return LVT_NMI | (nmi->polarity == ACPI_POLARITY_LOW ? LVT_ACTIVE_LOW : 0);
	}
	return pin == 1 && apics.madt->nmi_count == 0 ? LVT_NMI : LVT_MASKED;
}

static void set_up(bool with_8259)
{
	uint64_t base = cpu_read_msr(MSR_BASE) | BASE_ENABLE;

	if (apics.x2apic && !(base & BASE_X2APIC)) {
		cpu_write_msr(MSR_BASE, base); /* first on, then x2: there is no direct way (11.12.5) */
		base |= BASE_X2APIC;
	}
	cpu_write_msr(MSR_BASE, base);
	write_register(SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS); /* entries cannot be unmasked before this */
	write_register(TASK_PRIORITY, 0);
	write_register(LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	write_register(LVT_LINT0, with_8259 ? LVT_EXTERNAL : pin_entry(0));
	write_register(LVT_LINT1, pin_entry(1));
	local_apic_take_error();
	write_register(LVT_ERROR, VECTOR_APIC_ERROR);
}

void local_apic_start(void *registers, const struct acpi_madt *madt, bool with_8259)
{
	apics.registers = registers;
	apics.x2apic = registers == NULL;
	apics.madt = madt;
	apics.present = true;
	set_up(with_8259);
}

void local_apic_start_cpu(void)
{
	set_up(false);
}

void local_apic_timer_start(unsigned int vector, bool tsc_deadline)
{
	*percpu(by_tsc_deadline) = tsc_deadline;
	write_register(TIMER_DIVIDE, DIVIDE_BY_16);
	write_register(LVT_TIMER, vector | (tsc_deadline ? LVT_TSC_DEADLINE : 0));
	cpu_fence(); /* WRMSR does not wait for a write to memory, and the deadline is an MSR (11.5.4.1) */
}

void local_apic_timer_arm(uint32_t count)
{
	write_register(TIMER_INITIAL, count);
}

void local_apic_timer_arm_deadline(uint64_t tsc)
{
	cpu_write_msr(MSR_TSC_DEADLINE, tsc);
}

void local_apic_timer_stop(void)
{
	if (*percpu(by_tsc_deadline))
		cpu_write_msr(MSR_TSC_DEADLINE, 0);
	else
		write_register(TIMER_INITIAL, 0);
}

uint32_t local_apic_timer_count(void)
{
	return read_register(TIMER_CURRENT);
}
