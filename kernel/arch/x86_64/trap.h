/*
 * Traps: exceptions and interrupts. One stub per vector saves the registers as a struct trap_frame and calls
 * trap_dispatch(), which calls the handler registered for that vector. Handlers run with interrupts off and may change
 * the frame: the interrupted code goes on with what it holds.
 */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRAP_VECTORS    256
#define TRAP_EXCEPTIONS 32 /* the vectors below are the CPU's own */

enum trap_vector {
	TRAP_DIVIDE = 0,
	TRAP_DEBUG = 1,
	TRAP_NMI = 2,
	TRAP_BREAKPOINT = 3,
	TRAP_OVERFLOW = 4,
	TRAP_INVALID_OPCODE = 6,
	TRAP_NO_DEVICE = 7,
	TRAP_DOUBLE_FAULT = 8,
	TRAP_INVALID_TSS = 10,
	TRAP_SEGMENT = 11,
	TRAP_STACK = 12,
	TRAP_GENERAL_PROTECTION = 13,
	TRAP_PAGE_FAULT = 14,
	TRAP_MACHINE_CHECK = 18,
};

/* As trap_entry.asm pushes it; from `error` up as the CPU does (0 where the vector has no error code). */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};

_Static_assert(sizeof(struct trap_frame) == 22 * 8, "known to trap_entry.asm");
_Static_assert(offsetof(struct trap_frame, rbp) == 8 * 8, "known to trap_entry.asm");
_Static_assert(offsetof(struct trap_frame, vector) == 15 * 8, "known to trap_entry.asm");
_Static_assert(offsetof(struct trap_frame, rip) == 17 * 8, "known to trap_entry.asm");
_Static_assert(sizeof(struct trap_frame) % 16 == 0, "the stack stays aligned for C");

typedef void trap_handler(struct trap_frame *frame);

/* Stub of vector n at trap_stubs + n * TRAP_STUB_SIZE. */
#define TRAP_STUB_SIZE 9
extern const char trap_stubs[];

/* [init] Loads the descriptor tables; from here on every trap goes to `fallback` until another handler is set. */
void trap_start(trap_handler *fallback);

/* [init] Sets the handler of one vector, until the table is sealed; returns the one before, to be called. */
trap_handler *trap_set_handler(unsigned int vector, trap_handler *handler);

/* Sees each trap before its handler and behind it, unless that does not return. */
typedef void trap_observer(const struct trap_frame *frame, bool begins);

/* [init] Who that is; until then trap_observe() is not called. */
void trap_set_observer(trap_observer *who);

/* [thread] Whether it is asked from now on. */
void trap_observe(bool wanted);

/* [irq] Did it come from ring 3? */
static inline bool trap_from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) != 0;
}

/*
 * [irq] Calls function(context) and returns true when that has returned; false when the handler of a fault in it called
 * trap_abandon(). There may be calls inside calls: the innermost is abandoned.
 *
 * The way back is a jump and no IRET. IRET would let the next NMI in, onto the stack that a report of an NMI may be
 * using; so what a fault in a report leads to never executes one.
 */
bool trap_try(void (*function)(void *context), void *context);

/* [irq] Is there a call to abandon on this CPU? */
bool trap_is_trying(void);

/* [irq] Ends the innermost trap_try() of this CPU: it returns false. There must be one. */
_Noreturn void trap_abandon(void);

/* Where trap_dispatch() returns to. In a backtrace the next address is that of the interrupted instruction. */
extern const char trap_returned[] __asm__("trap_common.returned");

/* For the assembly only. */
void trap_dispatch(struct trap_frame *frame);
bool trap_try_call(uint64_t *innermost, void (*function)(void *context), void *context);
_Noreturn void trap_try_leave(uint64_t *innermost);
extern bool trap_clears_ac;

#endif
