#include "kernel_test.h"

#include <stdbool.h>

#include "backtrace.h"
#include "core/panic.h"
#include "core/symbols.h"
#include "lib/string.h"
#include "linker.h"

KERNEL_TEST(symbols_find)
{
	uint64_t offset;
	const char *name = symbols_find((uint64_t)panic + 3, &offset);
	char text[SYMBOLS_TEXT_MAX];

	EXPECT(name != NULL && strcmp(name, "panic") == 0 && offset == 3);
	EXPECT(strcmp(symbols_describe((uint64_t)panic + 0x1f, text), "panic+0x1f") == 0);
	EXPECT(strcmp(symbols_describe_caller((uint64_t)panic + 0x1f, text), "panic+0x1f") == 0);
	EXPECT(strcmp(symbols_describe_caller((uint64_t)panic, text), "panic+0x0") != 0);
	EXPECT(symbols_find((uint64_t)linker_image_start - 1, &offset) == NULL);
	EXPECT(symbols_find((uint64_t)linker_text_end, &offset) == NULL);
	EXPECT(symbols_find(0, &offset) == NULL);
	EXPECT(strcmp(symbols_describe(0x1234, text), "0000000000001234") == 0);
}

KERNEL_TEST(symbols_ascend)
{
	EXPECT(symbol_count > 50);
	for (uint32_t i = 1; i < symbol_count; i++)
		EXPECT(symbol_offsets[i - 1] < symbol_offsets[i]);
}

enum { DEPTH_MAX = 16 };

struct callers {
	uint64_t addresses[DEPTH_MAX];
	size_t depth;
};

static size_t walk(uint64_t rbp, uint64_t addresses[DEPTH_MAX])
{
	struct backtrace trace = {.rbp = rbp};
	size_t depth = 0;

	while (depth < DEPTH_MAX && backtrace_next(&trace))
		addresses[depth++] = trace.address;
	return depth;
}

static __attribute__((noinline)) void innermost(struct callers *callers)
{
	callers->depth = walk(backtrace_here(), callers->addresses);
}

static __attribute__((noinline)) void middle(struct callers *callers)
{
	innermost(callers);
	callers->depth |= 0; /* nothing, but it keeps this frame */
}

static __attribute__((noinline)) void outer(struct callers *callers)
{
	middle(callers);
	callers->depth |= 0;
}

static bool is_named(uint64_t address, const char *name)
{
	uint64_t offset;
	const char *found = symbols_find(address, &offset);

	return found != NULL && strcmp(found, name) == 0 && offset > 0;
}

KERNEL_TEST(backtrace_names)
{
	struct callers callers;

	outer(&callers);
	EXPECT(callers.depth >= 5);
	EXPECT(is_named(callers.addresses[0], "middle"));
	EXPECT(is_named(callers.addresses[1], "outer"));
	EXPECT(is_named(callers.addresses[2], "kernel_test_backtrace_names"));
	EXPECT(is_named(callers.addresses[callers.depth - 1], "kernel_main"));
}

/* None of these may fault, or go on for ever. */
KERNEL_TEST(backtrace_damaged)
{
	uint64_t addresses[DEPTH_MAX];
	uint64_t self[2] = {(uint64_t)self, 0x1234};
	uint64_t wild[2] = {0xdeadbeefdeadbeef, 0x5678};
	uint64_t ring[4] = {(uint64_t)(ring + 2), 1, (uint64_t)ring, 2};

	EXPECT(walk(0, addresses) == 0);
	EXPECT(walk(0x1230, addresses) == 0);
	EXPECT(walk(0x0123456789abcde8, addresses) == 0);
	EXPECT(walk(info->kernel.stack_virtual - 8, addresses) == 0);
	EXPECT(walk((uint64_t)-8, addresses) == 0);
	EXPECT(walk((uint64_t)self, addresses) == 1 && addresses[0] == 0x1234);
	EXPECT(walk((uint64_t)wild, addresses) == 1 && addresses[0] == 0x5678);
	EXPECT(walk((uint64_t)ring, addresses) < DEPTH_MAX);
}
