/*
 * shortage=frames:N, shortage=blocks:N, shortage=moves:N: of the calls for memory during the start, the Nth gets none.
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
#include "refusal.h"

static unsigned int countdown;

static const struct {
	const char *name;
	const void *functions[REFUSAL_FUNCTIONS];
} kinds[] = {
        {"frames:", {(const void *)frames_allocate}},
        {"blocks:", {(const void *)kmalloc, (const void *)kzalloc, (const void *)kmalloc_array,
                            (const void *)kmalloc_aligned}},
        {"moves:", {(const void *)krealloc, (const void *)heap_cache_create, (const void *)heap_cache_allocate}},
};

static bool is_refused(const struct trap_frame *f)
{
	const uint64_t *stack = (const uint64_t *)f->rsp;
	char function[SYMBOLS_TEXT_MAX], caller[SYMBOLS_TEXT_MAX];

	if (countdown == 0 || --countdown != 0)
		return false;
	symbols_describe(f->rip, function);
	log_warning("Refused: %s for %s\n", function, symbols_describe_caller(*stack, caller));
	return true;
}

static void prepare(const struct command_line_word *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].name);

		if (word->value_length <= length || memcmp(word->value, kinds[i].name, length) != 0)
			continue;
		for (size_t at = length; at < word->value_length; at++)
			countdown = countdown * 10 + (unsigned int)(word->value[at] - '0');
		refusal_start(kinds[i].functions, is_refused);
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
