#include "bus/power.h"

#include <stdbool.h>
#include <stddef.h>

#include "abi/errno.h"
#include "bus/acpi.h"
#include "core/black_box.h"
#include "core/log.h"
#include "cpu.h"
#include "lib/acpi_sleep.h"
#include "lib/string.h"
#include "mm/region.h"
#include "reset.h"
#include "time/clock.h"

/* Bits of the PM1 control registers (ACPI specification 6.5, 4.8.3.2.1). */
#define PM1_ACPI       (1u << 0) /* the machine is in ACPI's mode */
#define PM1_TYPE(type) ((unsigned int)(type) << 10)
#define PM1_TYPE_MASK  PM1_TYPE(7)
#define PM1_SLEEP      (1u << 13)

#define MS              1000000u    /* ns */
#define ENABLE_PATIENCE 3000        /* ms, for the firmware to turn ACPI on */
#define END_PATIENCE    1000        /* ms, for the machine to end */
#define POLLS_MAX       1000000000u /* should the clock stand still */

static void (*keyboard_reset)(void);

void power_set_keyboard_reset(void (*reset)(void))
{
	keyboard_reset = reset;
}

/* Until the condition holds, or the time is over. */
static bool wait_for(bool (*is_done)(void), unsigned int ms)
{
	uint64_t end = clock_monotonic_ns() + (uint64_t)ms * MS;

	for (unsigned int polls = 0; polls < POLLS_MAX && clock_monotonic_ns() < end; polls++) {
		if (is_done())
			return true;
		cpu_relax();
	}
	return is_done();
}

static bool is_over(void)
{
	return false;
}

/* ---- switching off ---- */

static bool is_acpi_on(void)
{
	return cpu_in16(acpi_info()->fadt.pm1_control[0]) & PM1_ACPI;
}

/* Until then the firmware may answer to the registers itself. Where it has no such mode, ACPI is always on. */
static bool turn_acpi_on(const struct acpi_fadt *fadt)
{
	if (fadt->smi_port == 0 || fadt->smi_enable == 0 || is_acpi_on())
		return true;
	cpu_out8(fadt->smi_port, fadt->smi_enable);
	return wait_for(is_acpi_on, ENABLE_PATIENCE);
}

static bool is_code(const struct acpi_table *table)
{
	return memcmp(table->signature, "DSDT", 4) == 0 || memcmp(table->signature, "SSDT", 4) == 0;
}

static bool find_s5(struct acpi_sleep_type *type)
{
	const struct acpi_table *table;
	bool found = false;

	for (unsigned int i = 0; !found && (table = acpi_table(i)) != NULL; i++) {
		const void *code = is_code(table) ? acpi_open_table(table) : NULL;

		found = code != NULL && acpi_find_s5(code, table->size, type);
	}
	acpi_close_table();
	return found;
}

static void write_sleep(uint16_t port, uint8_t type)
{
	uint16_t value;

	if (port == 0)
		return;
	value = (uint16_t)((cpu_in16(port) & ~(PM1_TYPE_MASK | PM1_SLEEP)) | PM1_TYPE(type));
	cpu_out16(port, value);
	cpu_out16(port, (uint16_t)(value | PM1_SLEEP));
}

int power_off(struct command_output *output)
{
	const struct acpi_fadt *fadt = &acpi_info()->fadt;
	struct acpi_sleep_type type;

	if (fadt->pm1_control[0] == 0 || !find_s5(&type)) {
		command_print(
		        output, "Nobody says how this machine is switched off: ACPI has no \\_S5 or no PM1 control.\n");
		return -ENODEV;
	}
	if (!turn_acpi_on(fadt)) {
		command_print(output, "The firmware does not turn ACPI on, so it cannot switch the machine off.\n");
		return -EIO;
	}
	log_info("Power off: by ACPI, S5 is %u and %u at ports %x and %x.\n", type.a, type.b, fadt->pm1_control[0],
	        fadt->pm1_control[1]);
	log_drain();
	black_box_end(BLACK_BOX_POWER_OFF);
	write_sleep(fadt->pm1_control[0], type.a);
	write_sleep(fadt->pm1_control[1], type.b);
	wait_for(is_over, END_PATIENCE);
	black_box_end(BLACK_BOX_RUNNING);
	command_print(output, "The machine was asked to switch off, and still runs.\n");
	return -EIO;
}

/* ---- starting again ---- */

static void reset_by_acpi(void)
{
	const struct acpi_reset *reset = &acpi_info()->fadt.reset;
	volatile uint8_t *place;

	if (reset->is_ports) {
		cpu_out8((uint16_t)reset->address, reset->value);
		return;
	}
	place = region_map_device(reset->address, 1, REGION_UNCACHED, "ACPI reset register");
	if (place != NULL)
		*place = reset->value;
}

static void try(const char *way, void (*reset)(void))
{
	log_info("Reboot: by %s.\n", way);
	log_drain();
	reset();
	wait_for(is_over, END_PATIENCE);
}

void power_reset(void)
{
	black_box_end(BLACK_BOX_REBOOT);
	if (acpi_info()->fadt.reset.address != 0)
		try("ACPI's reset register", reset_by_acpi);
	if (keyboard_reset != NULL)
		try("the keyboard's controller", keyboard_reset);
	try("the chip set, port CF9h", reset_by_chipset);
	log_info("Reboot: by a triple fault.\n");
	log_drain();
	reset_by_triple_fault();
}

static int run_power_off(struct command_output *output, unsigned int count, char *const words[])
{
	return count == 1 ? power_off(output) : command_refuse(output, words[0]);
}

static int run_reboot(struct command_output *output, unsigned int count, char *const words[])
{
	if (count != 1)
		return command_refuse(output, words[0]);
	power_reset();
}

MONITOR_COMMAND(poweroff, "", "switches the machine off", run_power_off);
MONITOR_COMMAND(reboot, "", "restarts the machine", run_reboot);
