#include "mm/fault_stacks.h"

#include "core/panic.h"
#include "descriptors.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/region.h"
#include "percpu.h"

/* A report takes less than 3 KiB; one that meets a fault and goes on, half as much again. */
#define STACK_SIZE 8192

#define NAME_MAX 40

static const char *const names[FAULT_STACKS] = {
        [FAULT_STACK_DOUBLE] = "the double fault stack of CPU 0",
        [FAULT_STACK_NMI] = "the NMI stack of CPU 0",
        [FAULT_STACK_MACHINE_CHECK] = "the machine check stack of CPU 0",
        [FAULT_STACK_DEBUG] = "the debug stack of CPU 0",
};

/* What a region is called has to last: of other CPUs in their own block. */
static PERCPU(char, own_names[FAULT_STACKS][NAME_MAX]);

static const char *name_of(uint32_t cpu, unsigned int stack)
{
	char *name = (*percpu_of(own_names, cpu))[stack];

	if (cpu == 0)
		return names[stack];
	format_string(name, NAME_MAX, "%.*s%u", (int)(strlen(names[stack]) - 1), names[stack], cpu);
	return name;
}

bool fault_stacks_make(uint32_t cpu)
{
	for (unsigned int i = 0; i < FAULT_STACKS; i++) {
		uint8_t *stack = region_allocate(STACK_SIZE, name_of(cpu, i));

		if (stack == NULL)
			return false;
		descriptors_set_fault_stack(cpu, (enum fault_stack)i, (uint64_t)stack + STACK_SIZE);
	}
	return true;
}

void fault_stacks_free(uint32_t cpu)
{
	for (unsigned int i = 0; i < FAULT_STACKS; i++) {
		uint64_t top = descriptors_fault_stack(cpu, (enum fault_stack)i);

		if (top != 0)
			region_free((void *)(top - STACK_SIZE));
	}
}

void fault_stacks_start(void)
{
	if (!fault_stacks_make(0))
		panic("There is no memory for stacks to report faults on.");
}
