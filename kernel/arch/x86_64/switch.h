/*
 * From one thread to another: its stack pointer, its frame pointer, its canary. What else is in registers the compiler
 * puts on the stack of who leaves.
 */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include <stddef.h>
#include <stdint.h>

/* What is kept of a thread that does not run; the rest is on its stack. */
struct switch_context {
	uint64_t stack;  /* stack pointer */
	uint64_t canary; /* of the stack protector (core/stack_protector.h); of one that runs, too */
};

_Static_assert(offsetof(struct switch_context, stack) == 0, "known to switch.asm");
_Static_assert(offsetof(struct switch_context, canary) == 8, "known to switch.asm");

/*
 * [irq] With interrupts off: leaves the thread that runs, whose context is `from`, for another, `thread` with the
 * context `to`. Returns when somebody switches back.
 */
static inline void switch_context(struct switch_context *from, const struct switch_context *to, void *thread)
{
	/* Everything but RBP and RSP is another's afterwards. So the compiler keeps what it still needs on the stack,
	 * and nothing else: a function would have to save six registers that its caller has just saved. */
	__asm__ volatile("call switch_stacks"
	                 : "+D"(from), "+S"(to), "+d"(thread)::"rax", "rbx", "rcx", "r8", "r9", "r10", "r11", "r12",
	                 "r13", "r14", "r15", "memory", "cc");
}

/*
 * [thread] For a new thread, whose stack ends at `top`, a multiple of 16: the first switch to it calls begin(), which
 * never returns.
 */
void switch_prepare(struct switch_context *context, uint64_t top, void (*begin)(void));

/* For switch_context() and switch.c only. */
void switch_stacks(void);
void switch_begin(void);

#endif
