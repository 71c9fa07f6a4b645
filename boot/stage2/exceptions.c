#include "exceptions.h"

#include "panic.h"

/* Vectors for which the CPU pushes an error code (Intel SDM volume 3, table 6-1). */
#define WITH_ERROR_CODE (1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17 | 1u << 21)

#define GATE_INTERRUPT32 0x8e00
#define SELECTOR_CODE32  0x18

struct exception_gate exception_gates[EXCEPTION_COUNT];

void exceptions_init(void)
{
	for (unsigned vector = 0; vector < EXCEPTION_COUNT; vector++) {
		uint32_t stub = (uint32_t)exception_stubs + vector * EXCEPTION_STUB_SIZE;
		exception_gates[vector] = (struct exception_gate){stub, SELECTOR_CODE32, GATE_INTERRUPT32, stub >> 16};
	}
	__asm__ volatile("lidt %0" : : "m"(exception_table));
}

_Noreturn void exception_report(const struct exception_frame *frame)
{
	uint32_t vector = (frame->stub_end - (uint32_t)exception_stubs) / EXCEPTION_STUB_SIZE - 1;
	uint32_t with_code = WITH_ERROR_CODE >> vector & 1;
	boot_fail(BOOT_ERROR_EXCEPTION, "CPU exception %u at %x (error %x, eax %x, ebx %x, ecx %x, edx %x)", vector,
	        frame->pushed[with_code], with_code ? frame->pushed[0] : 0, frame->eax, frame->ebx, frame->ecx,
	        frame->edx);
}
