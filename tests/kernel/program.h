/*
 * A program: some bytes of code that ring 3 executes, in page tables of our own.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "boot/boot_info.h"
#include "trap.h"

#define PROGRAM_CODE   0x400000u
#define PROGRAM_GS     0x12345000u /* its GS's base */
#define PROGRAM_FLAGS  0x202u      /* IF, and the bit that is always set */
#define PROGRAM_MSR_GS 0xc0000102u /* where it is while the kernel runs: what SWAPGS puts into GS */

/* Maps a copy of `code` at PROGRAM_CODE, in the top-level entry that the kernel has left empty. */
void program_map(const struct boot_info *info, const uint8_t *code, size_t size);

/* Leaves the entry empty again. */
void program_unmap(void);

/* How a program came back into the kernel. */
struct program_trap {
	struct trap_frame frame;
	uint64_t gs; /* its base in the handler */
	unsigned int count;
};

/* Runs the code in ring 3 until `vector` comes from there. It has no stack. */
struct program_trap program_run(
        const struct boot_info *info, unsigned int vector, const uint8_t *code, size_t size, uint64_t flags);

#endif
