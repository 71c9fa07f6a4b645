#include "provoke.h"

uint8_t provoke_read(uint64_t address)
{
	uint8_t value;

	__asm__ volatile("movb (%1), %0" : "=q"(value) : "r"(address) : "memory");
	return value;
}

void provoke_write(uint64_t address)
{
	__asm__ volatile("movb $1, (%0)" ::"r"(address) : "memory");
}

void provoke_call(uint64_t address)
{
	void (*volatile function)(void) = (void (*)(void))address;

	function();
}

void provoke_divide(void)
{
	__asm__ volatile("divl %0" ::"r"(0), "a"(1), "d"(0));
}

void provoke_debug(void)
{
	/* A single step. (INT1 would do the same, but QEMU does not know it.) */
	__asm__ volatile("pushfq\n\t"
	                 "orq $0x100, (%%rsp)\n\t"
	                 "popfq\n\t"
	                 "nop" ::
	                         : "memory", "cc");
}

void provoke_breakpoint(void)
{
	__asm__ volatile("int3");
}

void provoke_overflow(void)
{
	__asm__ volatile("int $4");
}

void provoke_opcode(void)
{
	__asm__ volatile("ud2");
}

void provoke_machine_check(void)
{
	__asm__ volatile("int $18");
}

void provoke_push_at(uint64_t stack)
{
	__asm__ volatile("movq %0, %%rsp\n\t"
	                 "pushq %%rax" ::"r"(stack)
	                 : "memory");
}

void provoke_opcode_at(uint64_t stack)
{
	__asm__ volatile("movq %0, %%rsp\n\t"
	                 "ud2" ::"r"(stack)
	                 : "memory");
}
