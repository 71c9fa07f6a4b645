/*
 * What can go wrong with memory: pages of programs, blocks of the heap.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/fault_kind.h"
#include "core/log.h"
#include "cpu.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/kernel_map.h"
#include "paging.h"
#include "provoke.h"

#define PROGRAM 0x400000u /* where a page of a program is */
#define RETURN  0xc3      /* all of its code */

static bool map_program(uint64_t cr4_bit)
{
	uint64_t frame;

	if (!(cpu_read_cr4() & cr4_bit)) {
		log_warning("NOT RUN: this CPU cannot protect itself from that.\n");
		return false;
	}
	frame = frames_allocate(0, FRAMES_ZERO);
	if (frame == 0)
		return false;
	*(uint8_t *)paging_direct(frame) = RETURN;
	return kernel_map_add(PROGRAM, frame, PAGE_SIZE, PAGE_USER) == 0;
}

static void execute_program(void)
{
	if (map_program(CPU_CR4_SMEP))
		provoke_call(PROGRAM);
}

FAULT_KIND(smep, "exception 14: the kernel executes a page of a program", execute_program);

static void read_program(void)
{
	if (map_program(CPU_CR4_SMAP))
		provoke_read(PROGRAM);
}

FAULT_KIND(smap, "exception 14: the kernel reads a page of a program", read_program);

static __attribute__((noinline)) void *make_block(size_t size)
{
	return kmalloc(size);
}

static __attribute__((noinline)) void drop_block(void *block)
{
	kfree(block);
}

static void free_twice(void)
{
	uint8_t *volatile block = make_block(64);

	drop_block(block);
	drop_block(block);
}

FAULT_KIND(twice, "a panic: a block of the heap is freed twice", free_twice);

static void free_foreign(void)
{
	static uint8_t not_of_the_heap[64];

	drop_block(not_of_the_heap);
}

FAULT_KIND(foreign, "a panic: what is no block of the heap is freed", free_foreign);
