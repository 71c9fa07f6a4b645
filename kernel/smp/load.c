#include "smp/load.h"

#include "cpu.h"
#include "task/scheduler.h"

/* When, and for how long it has slept up to then. With the lock: a sleep that ends meanwhile would be counted twice. */
static struct load_mark look(uint32_t cpu)
{
	struct scheduler *scheduler = scheduler_on(cpu);
	uint64_t flags = spin_lock(&scheduler->lock);
	struct load_mark now = {cpu_read_tsc(), scheduler->idle_ticks};

	if (scheduler->is_idle && scheduler->stamp < now.at)
		now.idle += now.at - scheduler->stamp;
	spin_unlock(&scheduler->lock, flags);
	return now;
}

uint64_t load_since(struct load_mark *mark, uint32_t cpu)
{
	struct load_mark now = look(cpu);
	uint64_t since = mark->at != 0 ? mark->at : scheduler_on(cpu)->began;
	uint64_t passed = now.at > since ? now.at - since : 0;
	uint64_t slept = now.idle > mark->idle ? now.idle - mark->idle : 0;

	*mark = now;
	return passed == 0 || slept > passed ? 0 : (passed - slept) * 100 / passed;
}
