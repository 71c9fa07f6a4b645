#include "interrupts_off.h"

#ifdef DEBUG
#include "cpu.h"
#include "percpu.h"

static PERCPU(struct interrupts_off, interrupts_off);

void interrupts_off_begin_at(uintptr_t from)
{
	struct interrupts_off *mine = percpu(interrupts_off);

	mine->from = from;
	mine->since = cpu_read_tsc();
}

__attribute__((noinline)) void interrupts_off_begin(void)
{
	interrupts_off_begin_at((uintptr_t)__builtin_return_address(0));
}

void interrupts_off_end_at(uintptr_t to)
{
	struct interrupts_off *mine = percpu(interrupts_off);
	uint64_t ticks = cpu_read_tsc() - mine->since;

	if (mine->since != 0 && ticks > mine->longest) {
		mine->longest = ticks;
		mine->begins = mine->from;
		mine->ends = to;
	}
	mine->since = 0;
}

__attribute__((noinline)) void interrupts_off_end(void)
{
	interrupts_off_end_at((uintptr_t)__builtin_return_address(0));
}

const struct interrupts_off *interrupts_off_of(uint32_t cpu)
{
	return percpu_of(interrupts_off, cpu);
}
#endif
