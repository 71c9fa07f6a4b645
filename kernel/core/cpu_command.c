/*
 * cpu: who this CPU is, what it can do, and how it is set up.
 */
#include <stddef.h>

#include "core/monitor_command.h"
#include "cpu.h"
#include "cpu_identity.h"
#include "lib/string.h"
#include "machine_check.h"
#include "percpu.h"

#define WIDTH  78
#define INDENT 10

struct bit {
	uint8_t number;
	char name[12];
};

static const struct bit cr0_bits[] = {{0, "PE"}, {1, "MP"}, {2, "EM"}, {3, "TS"}, {4, "ET"}, {5, "NE"}, {16, "WP"},
        {18, "AM"}, {29, "NW"}, {30, "CD"}, {31, "PG"}};
static const struct bit cr4_bits[] = {{2, "TSD"}, {3, "DE"}, {4, "PSE"}, {5, "PAE"}, {6, "MCE"}, {7, "PGE"}, {8, "PCE"},
        {9, "OSFXSR"}, {10, "OSXMMEXCPT"}, {11, "UMIP"}, {16, "FSGSBASE"}, {17, "PCIDE"}, {18, "OSXSAVE"}, {20, "SMEP"},
        {21, "SMAP"}};
static const struct bit efer_bits[] = {{0, "SCE"}, {8, "LME"}, {10, "LMA"}, {11, "NXE"}};

/* A list that goes on at the next line where it is too long for one. */
struct list {
	struct command_output *output;
	size_t column;
};

static void add(struct list *list, const char *name)
{
	if (list->column + 2 + strlen(name) > WIDTH) {
		command_print(list->output, "\n%*s", INDENT, "");
		list->column = INDENT;
	}
	command_print(list->output, "  %s", name);
	list->column += 2 + strlen(name);
}

static void print_features(struct command_output *output, const char *label, bool wanted)
{
	struct list list = {output, INDENT};

	command_print(output, "%-*s", INDENT, label);
	for (int i = 0; i < CPU_FEATURE_COUNT; i++) {
		if (cpu_has((enum cpu_feature)i) == wanted)
			add(&list, cpu_feature_name((enum cpu_feature)i));
	}
	command_print(output, "\n");
}

static void print_bits(
        struct command_output *output, const char *name, uint64_t value, const struct bit *bits, size_t count)
{
	struct list list = {output, INDENT + 18};

	command_print(output, "%-*s  %016lx", INDENT, name, value);
	for (size_t i = 0; i < count; i++) {
		if (value >> bits[i].number & 1)
			add(&list, bits[i].name);
	}
	command_print(output, "\n");
}

#define PRINT_BITS(output, name, value, bits) print_bits(output, name, value, bits, sizeof(bits) / sizeof((bits)[0]))

static void print_registers(struct command_output *output)
{
	PRINT_BITS(output, "CR0", cpu_read_cr0(), cr0_bits);
	print_bits(output, "CR3", cpu_read_cr3(), NULL, 0);
	PRINT_BITS(output, "CR4", cpu_read_cr4(), cr4_bits);
	PRINT_BITS(output, "EFER", cpu_read_msr(CPU_MSR_EFER), efer_bits);
	print_bits(output, "PAT", cpu_read_msr(CPU_MSR_PAT), NULL, 0);
	print_bits(output, "GS base", cpu_read_msr(CPU_MSR_GS_BASE), NULL, 0);
	if (cpu_has(CPU_APIC))
		print_bits(output, "APIC base", cpu_read_msr(CPU_MSR_APIC_BASE), NULL, 0);
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	struct cpu_identity identity;

	if (count != 1)
		return command_refuse(output, words[0]);
	cpu_identify(&identity);
	command_print(output, "CPU %u: %s\n", percpu_cpu(), identity.brand);
	command_print(output, "family %u, model %u, stepping %u, %u machine-check banks\n", identity.family,
	        identity.model, identity.stepping, machine_check_banks());
	print_features(output, "has", true);
	print_features(output, "has not", false);
	print_registers(output);
	return 0;
}

MONITOR_COMMAND(cpu, "", "the CPU: who it is, what it can do, how it is set up", print);
