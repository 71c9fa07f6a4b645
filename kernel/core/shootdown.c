#include "core/shootdown.h"

#include "core/cross_call.h"
#include "cpu.h"
#include "paging.h"

/* More than so many pages are forgotten together with all others: to come back to those is cheaper by then. */
#define PAGES_MAX 32

struct range {
	uint64_t address, size;
};

static void forget(void *context)
{
	const struct range *range = context;

	if (range->size > PAGES_MAX * PAGE_SIZE) {
		cpu_forget_pages();
		return;
	}
	for (uint64_t done = 0; done < range->size; done += PAGE_SIZE)
		cpu_invalidate_page(range->address + done);
}

void shootdown(uint64_t address, uint64_t size)
{
	struct range range = {address, size};
	uint64_t flags;

	if (cpus_online() == 1)
		return;
	/* This CPU, too: the thread may have come here after it changed the tables. */
	flags = cpu_interrupts_save();
	forget(&range);
	cross_call_others(forget, &range);
	cpu_interrupts_restore(flags);
}
