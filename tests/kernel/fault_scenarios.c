/*
 * Faults that end the machine, one per boot: `fault=NAME` on the command line. The report must come, then the end.
 */
#include <stdbool.h>

#include "core/boot_word.h"
#include "core/describer.h"
#include "core/log.h"
#include "core/panic.h"
#include "cpu.h"
#include "lib/string.h"
#include "machine_end.h"
#include "program.h"
#include "unseal.h"

/* By an instruction: a compiler that sees a wrong address may do what it likes. */
static __attribute__((noinline)) void write_to(uint64_t address)
{
	__asm__ volatile("movb $1, (%0)" ::"r"(address) : "memory");
}

static __attribute__((noinline)) uint8_t read_from(uint64_t address)
{
	uint8_t value;

	__asm__ volatile("movb (%1), %0" : "=q"(value) : "r"(address) : "memory");
	return value;
}

/* As a function. */
static void call(uint64_t address)
{
	void (*volatile function)(void) = (void (*)(void))address;

	function();
}

static void divide(const struct boot_info *info)
{
	(void)info;
	__asm__ volatile("divl %0" ::"r"(0), "a"(1), "d"(0));
}

static void write_null(const struct boot_info *info)
{
	(void)info;
	write_to(0x10); /* fault=page */
}

static void read_null(const struct boot_info *info)
{
	(void)info;
	read_from(0);
}

static void write_constant(const struct boot_info *info)
{
	(void)info;
	write_to((uint64_t)linker_rodata_start);
}

static void execute_data(const struct boot_info *info)
{
	static uint8_t code[] = {0xc3};

	(void)info;
	call((uint64_t)code);
}

/* A call through a pointer that was never set. */
static void jump(const struct boot_info *info)
{
	(void)info;
	call(0);
}

static void jump_nowhere(const struct boot_info *info)
{
	(void)info;
	call(0x0000800000000000);
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

/* Nothing uses the stack but the CPU itself, when the instruction after it faults. */
static void fault_with_stack_at(uint64_t address)
{
	__asm__ volatile("movq %0, %%rsp\n\t"
	                 "ud2" ::"r"(address)
	                 : "memory");
}

static void bad_stack(const struct boot_info *info)
{
	(void)info;
	fault_with_stack_at(0x123450);
}

static void stack_nowhere(const struct boot_info *info)
{
	(void)info;
	fault_with_stack_at(0xdead000000000000);
}

/* Damaged frame pointers must not disturb the report. */
static void bad_frame(const struct boot_info *info)
{
	(void)info;
	__asm__ volatile("movq %0, %%rbp\n\t"
	                 "ud2" ::"r"(0xdead000000000000)
	                 : "memory");
}

/* A sink that faults each time: the reports meet it on their way out. */
static void write_badly(enum log_level level, const char *text, size_t length)
{
	(void)level;
	(void)text;
	(void)length;
	write_to(0x20);
}

static void bad_sink(const struct boot_info *info)
{
	static const struct log_sink sink = {.write = write_badly, .emergency = write_badly};

	log_enter_emergency();
	unsealed_add_sink(&sink);
	opcode(info);
}

static bool describe_badly(uint64_t address, char *text, size_t size)
{
	(void)text;
	(void)size;
	return read_from(0x30 + address) != 0;
}

static void bad_describer(const struct boot_info *info)
{
	static struct describer describer = {.describe = describe_badly};

	describer_add(&describer);
	write_null(info);
}

/* The list of describers leads nowhere: asking faults each time, and the report ends all the same. */
static void bad_list(const struct boot_info *info)
{
	static struct describer describer = {.describe = describe_badly};

	describer_add(&describer);
	describer.next = (struct describer *)(uintptr_t)0x123450;
	write_null(info);
}

/* A report that could be survived, of a sink that holds the log's lock when it faults: nobody may go on. */
static void bad_lock(const struct boot_info *info)
{
	static const struct log_sink sink = {.write = write_badly, .emergency = write_badly};

	(void)info;
	unsealed_add_sink(&sink);
	__asm__ volatile("int3");
	log_info("It went on.\n");
}

static bool (*volatile describe_again)(uint64_t address, char *text, size_t size);

static bool recurse_in_report(uint64_t address, char *text, size_t size)
{
	return !describe_again(address + 1, text, size);
}

/* The report of a double fault uses up the stack it runs on. */
static void endless_describer(const struct boot_info *info)
{
	static struct describer describer = {.describe = recurse_in_report};

	describe_again = recurse_in_report;
	describer_add(&describer);
	double_fault(info);
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

static void ping(unsigned int depth);

static __attribute__((noinline)) void pong(unsigned int depth)
{
	ping(depth);
	log_info("%u\n", depth);
}

/* More callers than a screen has lines, and no two alike. */
static __attribute__((noinline)) void ping(unsigned int depth)
{
	if (depth == 0)
		write_to(0x10);
	else
		pong(depth - 1);
	log_info("%u\n", depth);
}

static void deep(const struct boot_info *info)
{
	(void)info;
	ping(20);
}

/* One byte too many, over and over. */
static void smash(const struct boot_info *info)
{
	uint8_t room[16];
	volatile uint8_t *end = room + sizeof(room);

	(void)info;
	__asm__("" : "+r"(end)); /* or the compiler sees what this is */
	for (unsigned int i = 0; i < 32; i++)
		end[i] = 0x55;
}

static const uint8_t a_return[] = {0xc3};

static bool is_on(uint64_t cr4_bit)
{
	if (cpu_read_cr4() & cr4_bit)
		return true;
	log_warning("NOT RUN: this CPU cannot protect itself from that.\n");
	return false;
}

static void execute_program(const struct boot_info *info)
{
	program_map(info, a_return, sizeof(a_return));
	if (is_on(CPU_CR4_SMEP))
		call(PROGRAM_CODE);
}

static void read_program(const struct boot_info *info)
{
	program_map(info, a_return, sizeof(a_return));
	if (is_on(CPU_CR4_SMAP))
		read_from(PROGRAM_CODE);
}

static void machine_check(const struct boot_info *info)
{
	(void)info;
	__asm__ volatile("int $18");
}

static void panics(const struct boot_info *info)
{
	panic("The test asked for it: %u bytes of boot_info.", info->size);
}

static const struct {
	char name[12];
	void (*run)(const struct boot_info *info);
} scenarios[] = {
        {"divide", divide},
        {"null", read_null},
        {"page", write_null},
        {"constant", write_constant},
        {"data", execute_data},
        {"jump", jump},
        {"nowhere", jump_nowhere},
        {"opcode", opcode},
        {"gp", general_protection},
        {"double", double_fault},
        {"badstack", bad_stack},
        {"nostack", stack_nowhere},
        {"badframe", bad_frame},
        {"sink", bad_sink},
        {"describer", bad_describer},
        {"endless", endless_describer},
        {"list", bad_list},
        {"lock", bad_lock},
        {"stack", stack},
        {"deep", deep},
        {"smash", smash},
        {"smep", execute_program},
        {"smap", read_program},
        {"machine", machine_check},
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
