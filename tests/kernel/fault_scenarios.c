/*
 * Faults in the midst of reports, and other misfortunes that only tests want to see (core/fault_kind.h).
 */
#include <stdbool.h>

#include "core/describer.h"
#include "core/fault_kind.h"
#include "core/hand_over.h"
#include "core/log.h"
#include "provoke.h"
#include "unseal.h"

static void bad_stack(void)
{
	provoke_opcode_at(0x123450);
}

FAULT_KIND(badstack, "the stack pointer leads to an address of programs", bad_stack);

static void stack_nowhere(void)
{
	provoke_opcode_at(0xdead000000000000);
}

FAULT_KIND(nostack, "the stack pointer is not canonical", stack_nowhere);

/* Damaged frame pointers must not disturb the report. */
static void bad_frame(void)
{
	__asm__ volatile("movq %0, %%rbp\n\t"
	                 "ud2" ::"r"(0xdead000000000000)
	                 : "memory");
}

FAULT_KIND(badframe, "the frame pointer is damaged", bad_frame);

/* A sink that faults each time: the reports meet it on their way out. */
static void write_badly(enum log_level level, const char *text, size_t length)
{
	(void)level;
	(void)text;
	(void)length;
	provoke_write(0x20);
}

static void bad_sink(void)
{
	static const struct log_sink sink = {.write = write_badly, .emergency = write_badly};

	log_enter_emergency();
	unsealed_add_sink(&sink);
	provoke_opcode();
}

FAULT_KIND(sink, "a sink of the log faults in the report", bad_sink);

static bool describe_badly(uint64_t address, char *text, size_t size)
{
	(void)text;
	(void)size;
	return provoke_read(0x30 + address) != 0;
}

static void bad_describer(void)
{
	static struct describer describer = {.describe = describe_badly};

	describer_add(&describer);
	provoke_write(0x10);
}

FAULT_KIND(describer, "a describer faults in the report", bad_describer);

/* The list of describers leads nowhere: asking faults each time, and the report ends all the same. */
static void bad_list(void)
{
	static struct describer describer = {.describe = describe_badly};

	describer_add(&describer);
	describer.next = (struct describer *)(uintptr_t)0x123450;
	provoke_write(0x10);
}

FAULT_KIND(list, "the list of describers is damaged", bad_list);

/* A report that could be survived, of a sink that holds the log's lock when it faults: nobody may go on. */
static void bad_lock(void)
{
	static const struct log_sink sink = {.write = write_badly, .emergency = write_badly};

	unsealed_add_sink(&sink);
	provoke_breakpoint();
	log_info("It went on.\n");
}

FAULT_KIND(lock, "a sink of the log faults and holds its lock", bad_lock);

static bool (*volatile describe_again)(uint64_t address, char *text, size_t size);

static bool recurse_in_report(uint64_t address, char *text, size_t size)
{
	return !describe_again(address + 1, text, size);
}

/* The report of a double fault uses up the stack it runs on. */
static void endless_describer(void)
{
	static struct describer describer = {.describe = recurse_in_report};

	describe_again = recurse_in_report;
	describer_add(&describer);
	provoke_push_at(hand_over_info()->kernel.stack_virtual);
}

FAULT_KIND(endless, "the report uses up its own stack", endless_describer);

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
		provoke_write(0x10);
	else
		pong(depth - 1);
	log_info("%u\n", depth);
}

static void deep(void)
{
	ping(20);
}

FAULT_KIND(deep, "more callers than a screen has lines", deep);
