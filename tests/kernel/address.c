/*
 * Wrong accesses on purpose, one kind per boot: `address=NAME` on the command line. A kernel made with SANITIZE=address
 * must say what it was; one without may not even notice.
 */
#include "core/boot_word.h"
#include "core/panic.h"
#include "lib/string.h"
#include "machine_end.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "paging.h"

static uint8_t read_freed_frame(void)
{
	uint64_t frame = frames_allocate(0, FRAMES_ZERO);
	volatile uint8_t *memory = paging_direct(frame);

	frames_free(frame);
	return memory[100];
}

static uint8_t write_freed_frame(void)
{
	uint64_t frame = frames_allocate(1, FRAMES_ZERO);
	uint64_t *memory = paging_direct(frame);

	frames_free(frame);
	memset(memory, 1, PAGE_SIZE);
	return 0;
}

static uint8_t read_past_block(void)
{
	volatile uint8_t *block = kmalloc(13);

	return block[13];
}

static uint8_t write_before_block(void)
{
	volatile uint64_t *block = kmalloc(100);

	block[-1] = 0;
	return 0;
}

static uint8_t read_freed_block(void)
{
	volatile uint32_t *block = kmalloc(40);

	kfree((void *)(uintptr_t)block);
	return (uint8_t)block[2];
}

static const struct {
	char name[16];
	uint8_t (*run)(void);
} cases[] = {
        {"freed-frame", read_freed_frame},
        {"freed-frames", write_freed_frame},
        {"past-block", read_past_block},
        {"before-block", write_before_block},
        {"freed-block", read_freed_block},
};

static void run_case(const struct boot_info *info, const char *value, size_t value_length)
{
	uint8_t result = 0;

	(void)info;
	panic_set_end(machine_end_failed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (value_length == strlen(cases[i].name) && memcmp(value, cases[i].name, value_length) == 0)
			result = cases[i].run();
	}
	panic("The case %.*s is unknown, or nothing came of it (%u).", (int)value_length, value, result);
}

BOOT_WORD(address, "=NAME touches memory it may not, and ends the machine", run_case);
