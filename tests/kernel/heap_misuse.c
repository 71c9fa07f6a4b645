/*
 * What is done wrong with the heap, one thing per boot: `misuse=NAME` on the command line. A debug build must say what;
 * so must the other, of some.
 */
#include "core/boot_word.h"
#include "core/describer.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/string.h"
#include "machine_end.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/heap_debug.h"
#include "paging.h"

static __attribute__((noinline)) void *make_block(size_t size)
{
	return kmalloc(size);
}

static __attribute__((noinline)) void drop_block(void *block)
{
	kfree(block);
}

static void overrun(void)
{
	uint8_t *volatile block = make_block(64);

	block[66] = 1;
	drop_block(block);
}

static void underrun(void)
{
	uint8_t *volatile block = make_block(64);

	block[-2] = 1;
	drop_block(block);
}

static void use_after_free(void)
{
	uint8_t *volatile block = make_block(64);

	drop_block(block);
	block[5] = 1;
	heap_trim();
}

static void free_twice(void)
{
	uint8_t *volatile block = make_block(64);

	drop_block(block);
	drop_block(block);
}

static void free_foreign(void)
{
	static uint8_t not_of_the_heap[64];

	drop_block(not_of_the_heap);
}

static void free_frame(void)
{
	drop_block(paging_direct(frames_allocate(1, 0)));
}

/* A pointer that was read from freed memory. */
static void follow(void)
{
	uint8_t **volatile block = make_block(64);

	*block = (uint8_t *)block;
	drop_block(block);
	**block = 1;
}

static void write_to_log(struct command_output *output, const char *text, size_t length)
{
	(void)output;
	log_write(text, length);
}

static void list_leaks(void)
{
	struct command_output output = {.write = write_to_log};

	for (unsigned int i = 0; i < 3; i++)
		make_block(100);
	heap_debug_print_sites(&output);
}

static void describe(void)
{
	char text[DESCRIBER_TEXT_MAX];

	if (describer_ask((uint64_t)make_block(64) + 12, text))
		log_info("That is %s.\n", text);
}

static const struct {
	char name[12];
	void (*run)(void);
} ways[] = {
        {"overrun", overrun},
        {"underrun", underrun},
        {"dangling", use_after_free},
        {"twice", free_twice},
        {"foreign", free_foreign},
        {"frame", free_frame},
        {"follow", follow},
        {"leaks", list_leaks},
        {"describe", describe},
};

static void run_misuse(const struct boot_info *info, const char *value, size_t value_length)
{
	(void)info;
	panic_set_end(machine_end_failed);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (value_length == strlen(ways[i].name) && memcmp(value, ways[i].name, value_length) == 0)
			ways[i].run();
	}
	panic("Nothing came of it.");
}

BOOT_WORD(misuse, "=NAME uses the heap wrongly, and ends the machine", run_misuse);
