#include "smp/load.h"

#include "cpu.h"
#include "task/scheduler.h"

uint64_t load_since(struct load_mark *mark, uint32_t cpu)
{
	const struct scheduler *scheduler = scheduler_on(cpu);
	uint64_t stamp = __atomic_load_n(&scheduler->stamp, __ATOMIC_RELAXED), now = cpu_read_tsc();
	uint64_t idle = __atomic_load_n(&scheduler->idle_ticks, __ATOMIC_RELAXED), slept;
	uint64_t since = mark->at != 0 ? mark->at : scheduler->began, passed = now > since ? now - since : 0;

	if (__atomic_load_n(&scheduler->is_idle, __ATOMIC_RELAXED) && stamp < now)
		idle += now - stamp;
	slept = idle - mark->idle;
	mark->at = now;
	mark->idle = idle;
	return passed == 0 || slept > passed ? 0 : (passed - slept) * 100 / passed;
}
