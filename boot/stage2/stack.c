#include "stack.h"

#include <stdint.h>

#include "bios.h"
#include "layout.h"
#include "panic.h"

#define CANARY 0x6e726143u /* "Carn" */

void stack_guard(void)
{
	*(volatile uint32_t *)low_memory(STACK_LIMIT) = CANARY;
}

void stack_check(void)
{
	if (*(volatile uint32_t *)low_memory(STACK_LIMIT) != CANARY)
		boot_fail(BOOT_ERROR_STACK, "the loader's stack is full (the BIOS took more than its share)");
}
