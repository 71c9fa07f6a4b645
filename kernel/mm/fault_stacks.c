#include "mm/fault_stacks.h"

#include <stdint.h>

#include "core/panic.h"
#include "descriptors.h"
#include "mm/region.h"

/* A report takes less than 3 KiB; one that meets a fault and goes on, half as much again. */
#define STACK_SIZE 8192

static const char *const names[FAULT_STACKS] = {
        [FAULT_STACK_DOUBLE] = "the double fault stack of CPU 0",
        [FAULT_STACK_NMI] = "the NMI stack of CPU 0",
        [FAULT_STACK_MACHINE_CHECK] = "the machine check stack of CPU 0",
        [FAULT_STACK_DEBUG] = "the debug stack of CPU 0",
};

void fault_stacks_start(void)
{
	for (unsigned int i = 0; i < FAULT_STACKS; i++) {
		uint8_t *stack = region_allocate(STACK_SIZE, names[i]);

		if (stack == NULL)
			panic("There is no memory for %s.", names[i]);
		descriptors_set_fault_stack((enum fault_stack)i, (uint64_t)stack + STACK_SIZE);
	}
}
