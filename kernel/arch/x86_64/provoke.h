/*
 * What the CPU refuses, done on purpose: to see the report of it. By instructions of our own: a compiler that sees what
 * is wrong may do what it likes.
 */
#ifndef ARCH_PROVOKE_H
#define ARCH_PROVOKE_H

#include <stdint.h>

/* [any] One byte is read; or written; or called as a function without arguments. */
uint8_t provoke_read(uint64_t address);
void provoke_write(uint64_t address);
void provoke_call(uint64_t address);

/* [any] The exceptions with numbers 0, 1, 3, 4, 6 and 18, each raised by an instruction. */
void provoke_divide(void);
void provoke_debug(void);
void provoke_breakpoint(void);
void provoke_overflow(void);
void provoke_opcode(void);
void provoke_machine_check(void);

/* [any] A push with the stack pointer at this address; or, with nothing else that uses it, an invalid opcode. */
void provoke_push_at(uint64_t stack);
void provoke_opcode_at(uint64_t stack);

#endif
