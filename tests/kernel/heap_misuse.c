/*
 * What else is done wrong with the heap (mm/memory_faults.c). A debug build must say what; so must the other, of some.
 */
#include "core/describer.h"
#include "core/fault_kind.h"
#include "core/log.h"
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

FAULT_KIND(overrun, "a block of the heap is overrun", overrun);

static void underrun(void)
{
	uint8_t *volatile block = make_block(64);

	block[-2] = 1;
	drop_block(block);
}

FAULT_KIND(underrun, "the byte before a block is written", underrun);

static void use_after_free(void)
{
	uint8_t *volatile block = make_block(64);

	drop_block(block);
	block[5] = 1;
	heap_trim();
}

FAULT_KIND(dangling, "a freed block is written", use_after_free);

static void free_frame(void)
{
	drop_block(paging_direct(frames_allocate(1, 0)));
}

FAULT_KIND(frame, "a frame is freed as if it were a block", free_frame);

/* A pointer that was read from freed memory. */
static void follow(void)
{
	uint8_t **volatile block = make_block(64);

	*block = (uint8_t *)block;
	drop_block(block);
	**block = 1;
}

FAULT_KIND(follow, "a pointer in a freed block is followed", follow);

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

FAULT_KIND(leaks, "blocks that nobody frees; listed", list_leaks);

static void describe(void)
{
	char text[DESCRIBER_TEXT_MAX];

	if (describer_ask((uint64_t)make_block(64) + 12, text))
		log_info("That is %s.\n", text);
}

FAULT_KIND(describe, "an address in a block, described", describe);
