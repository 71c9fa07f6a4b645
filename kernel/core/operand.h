/*
 * The memory operand of an instruction: a general protection fault does not tell the address that it is about.
 */
#ifndef CORE_OPERAND_H
#define CORE_OPERAND_H

#include <stdbool.h>
#include <stddef.h>

#include "trap.h"

/*
 * [any] Stores the address that the instruction `code` (of at most `size` bytes) computes from the registers in `frame`
 * by its ModRM and SIB bytes (Intel SDM volume 2, chapter 2). False where it has none, or none that can be wrong or
 * foretold: relative to RIP, FS or GS; and for vector instructions, which the kernel has not.
 */
bool operand_find(const uint8_t *code, size_t size, const struct trap_frame *frame, uint64_t *address);

#endif
