/* CPU exceptions in the loader: said, instead of resetting the machine. NMIs are counted (nmi.asm). */
#ifndef STAGE2_EXCEPTIONS_H
#define STAGE2_EXCEPTIONS_H

#include <stdint.h>

#define EXCEPTION_COUNT     22
#define EXCEPTION_STUB_SIZE 5 /* a near call or jump */

/* What is on the stack when exceptions.asm calls exception_report(), lowest address first. */
struct exception_frame {
	uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
	uint32_t stub_end;  /* where the stub's call would return to */
	uint32_t pushed[4]; /* by the CPU: an error code for some vectors, then eip, cs, eflags */
};

struct exception_gate {
	uint16_t offset_low, selector, type, offset_high;
};

struct exception_table {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

/* exceptions.asm */
extern const char exception_stubs[];
extern const struct exception_table exception_table;

/* exceptions.c, for exceptions.asm */
extern struct exception_gate exception_gates[EXCEPTION_COUNT];
_Noreturn void exception_report(const struct exception_frame *frame);

/* From here on an exception ends in boot_fail(). Call before anything can go wrong. */
void exceptions_init(void);

#endif
