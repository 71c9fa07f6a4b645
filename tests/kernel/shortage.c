/*
 * shortage=frames:N, shortage=blocks:N, shortage=moves:N: of the calls for memory during the start, the Nth gets none.
 * Neither the allocators nor their callers know: the CPU stops at their first instruction (Intel SDM volume 3, 17.2,
 * debug registers), and the call returns 0 from there.
 */
#include <stddef.h>
#include <stdint.h>

#include "core/boot_word.h"
#include "lib/command_line.h"
#include "core/log.h"
#include "core/symbols.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "paging.h"
#include "trap.h"

#define DR6_ANY     0xful
#define DR7_ENABLE  0x2ul /* of register 0, for all tasks; two bits each. Length and kind 0: execution of a byte */
#define RFLAGS_RF   (1ul << 16)
#define BREAKPOINTS 4

static unsigned int countdown;
static trap_handler *others;

static const struct {
	const char *name;
	const void *functions[BREAKPOINTS]; /* none calls another */
} kinds[] = {
        {"frames:", {(const void *)frames_allocate}},
        {"blocks:", {(const void *)kmalloc, (const void *)kzalloc, (const void *)kmalloc_array,
                            (const void *)kmalloc_aligned}},
        {"moves:", {(const void *)krealloc, (const void *)heap_cache_create, (const void *)heap_cache_allocate}},
};

static uint64_t take_status(void)
{
	uint64_t status;

	__asm__ volatile("movq %%dr6, %0" : "=r"(status));
	__asm__ volatile("movq %0, %%dr6" ::"r"(0ul));
	return status;
}

/* The call returns NULL at once. */
static void refuse(struct trap_frame *f)
{
	const uint64_t *stack = (const uint64_t *)f->rsp;
	char function[SYMBOLS_TEXT_MAX], caller[SYMBOLS_TEXT_MAX];

	symbols_describe(f->rip, function);
	log_warning("Refused: %s for %s\n", function, symbols_describe_caller(*stack, caller));
	f->rip = *stack;
	f->rsp += sizeof(*stack);
	f->rax = 0;
}

static void handle_debug(struct trap_frame *f)
{
	if ((take_status() & DR6_ANY) == 0) {
		others(f);
		return;
	}
	f->rflags |= RFLAGS_RF; /* else it would stop here again */
	if (countdown > 0 && --countdown == 0)
		refuse(f);
}

static void break_at(const void *const functions[BREAKPOINTS])
{
	uint64_t enabled = 0;

	for (unsigned int i = 0; i < BREAKPOINTS && functions[i] != NULL; i++)
		enabled |= DR7_ENABLE << 2 * i;
	__asm__ volatile("movq %0, %%dr0" ::"r"(functions[0]));
	__asm__ volatile("movq %0, %%dr1" ::"r"(functions[1]));
	__asm__ volatile("movq %0, %%dr2" ::"r"(functions[2]));
	__asm__ volatile("movq %0, %%dr3" ::"r"(functions[3]));
	__asm__ volatile("movq %0, %%dr7" ::"r"(enabled));
}

static void prepare(const struct command_line_word *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].name);

		if (word->value_length <= length || memcmp(word->value, kinds[i].name, length) != 0)
			continue;
		for (size_t at = length; at < word->value_length; at++)
			countdown = countdown * 10 + (unsigned int)(word->value[at] - '0');
		others = trap_set_handler(TRAP_DEBUG, handle_debug);
		break_at(kinds[i].functions);
	}
}

/* The linker puts these two in between: exceptions have handlers by now, and nothing can have been allocated. */
void __real_frames_start(const struct boot_info *info);
void __wrap_frames_start(const struct boot_info *info);

void __wrap_frames_start(const struct boot_info *info)
{
	struct command_line_word word;

	__real_frames_start(info);
	if (command_line_find(paging_direct(info->command_line), "shortage", &word))
		prepare(&word);
}

static void say(const struct boot_info *info, const char *value, size_t value_length)
{
	(void)info, (void)value, (void)value_length;
	log_info("Left: %lu frames free, %lu blocks in use\n", frames_count().free, heap_count().blocks);
}

BOOT_WORD(shortage, "refuses one allocation of the start", say);
