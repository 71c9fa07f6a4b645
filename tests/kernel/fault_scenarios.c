/*
 * Faults that end the machine, one per boot: `fault=NAME` on the command line. The report must come, then the end.
 */
#include "core/boot_word.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/string.h"
#include "machine_end.h"

/* By an instruction: a compiler that sees a wrong address may do what it likes. */
static __attribute__((noinline)) void write_to(uint64_t address)
{
	__asm__ volatile("movb $1, (%0)" ::"r"(address) : "memory");
}

static void divide(const struct boot_info *info)
{
	(void)info;
	__asm__ volatile("divl %0" ::"r"(0), "a"(1), "d"(0));
}

static void page(const struct boot_info *info)
{
	(void)info;
	write_to(0x10);
}

/* A call through a pointer that was never set. */
static void jump(const struct boot_info *info)
{
	void (*volatile nowhere)(const struct boot_info *) = NULL;

	nowhere(info);
}

static void opcode(const struct boot_info *info)
{
	(void)info;
	__asm__ volatile("ud2");
}

static void general_protection(const struct boot_info *info)
{
	(void)info;
	write_to(0x8000000000000000);
}

/* The push faults, and so does the CPU when it wants to push the frame. */
static void double_fault(const struct boot_info *info)
{
	__asm__ volatile("movq %0, %%rsp\n\t"
	                 "pushq %%rax" ::"r"(info->kernel.stack_virtual)
	                 : "memory");
}

/* A sink that itself faults: the report meets it on its way out. */
static void write_badly(enum log_level level, const char *text, size_t length)
{
	static bool did;

	(void)level;
	(void)text;
	(void)length;
	if (did)
		return;
	did = true;
	write_to(0x20);
}

static void nested(const struct boot_info *info)
{
	static struct log_sink sink = {.write = write_badly, .emergency = write_badly};

	log_add_sink(&sink);
	opcode(info);
}

/* Runs down the whole stack and into its guard page. */
static __attribute__((noinline)) unsigned int recurse(volatile unsigned int *depth)
{
	volatile unsigned int next = *depth + 1;

	if (next == 0)
		return 0;
	return recurse(&next) + next;
}

static void stack(const struct boot_info *info)
{
	volatile unsigned int depth = 0;

	(void)info;
	recurse(&depth);
}

static void panics(const struct boot_info *info)
{
	panic("The test asked for it: %u bytes of boot_info.", info->size);
}

static const struct {
	char name[8];
	void (*run)(const struct boot_info *info);
} scenarios[] = {
        {"divide", divide},
        {"page", page},
        {"jump", jump},
        {"opcode", opcode},
        {"gp", general_protection},
        {"double", double_fault},
        {"nested", nested},
        {"stack", stack},
        {"panic", panics},
};

static void run_scenario(const struct boot_info *info, const char *value, size_t value_length)
{
	panic_set_end(machine_end_failed);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (value_length == strlen(scenarios[i].name) && memcmp(value, scenarios[i].name, value_length) == 0)
			scenarios[i].run(info);
	}
	panic("The scenario %.*s is unknown, or nothing came of it.", (int)value_length, value);
}

BOOT_WORD(fault, "=NAME makes one fault happen, and ends the machine", run_scenario);
