/*
 * A page of a program's: code that ring 3 may execute and read, in page tables of our own.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "boot/boot_info.h"

#define PROGRAM_CODE 0x400000u

/* Maps a copy of `code` at PROGRAM_CODE, in the top-level entry that the kernel has left empty. */
void program_map(const struct boot_info *info, const uint8_t *code, size_t size);

/* Leaves the entry empty again. */
void program_unmap(void);

#endif
