/*
 * Wrong accesses on purpose. A kernel made with SANITIZE=address must say what it was; one without may not even notice.
 */
#include <stdint.h>

#include "core/fault_kind.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "paging.h"

static volatile uint8_t result;

static void read_freed_frame(void)
{
	uint64_t frame = frames_allocate(0, FRAMES_ZERO);
	volatile uint8_t *memory = paging_direct(frame);

	frames_free(frame);
	result = memory[100];
}

FAULT_KIND(freed_frame, "a freed frame is read", read_freed_frame);

static void write_freed_frame(void)
{
	uint64_t frame = frames_allocate(1, FRAMES_ZERO);
	uint64_t *memory = paging_direct(frame);

	frames_free(frame);
	memset(memory, 1, PAGE_SIZE);
}

FAULT_KIND(freed_frames, "freed frames are written", write_freed_frame);

static void read_past_block(void)
{
	volatile uint8_t *block = kmalloc(13);

	result = block[13];
}

FAULT_KIND(past_block, "the byte behind a block is read", read_past_block);

static void write_before_block(void)
{
	volatile uint64_t *block = kmalloc(100);

	block[-1] = 0;
}

FAULT_KIND(before_block, "the word before a block is written", write_before_block);

static void read_freed_block(void)
{
	volatile uint32_t *block = kmalloc(40);

	kfree((void *)(uintptr_t)block);
	result = (uint8_t)block[2];
}

FAULT_KIND(freed_block, "a freed block is read", read_freed_block);
