/*
 * Three CPUs take pages of theirs out of the page tables, several at once, and reuse the frames, while all remember and
 * use each other's: nobody uses a page whose frame is free. In between they give orders of other kinds. What a frame
 * holds is read and written without any atomics, so the thread sanitizer sees a use that nothing keeps apart from the
 * reuse.
 */
#include "core/shootdown.h"

#include <string.h>

#include "core/cross_call.h"
#include "machine.h"
#include "other_cpus.h"
#include "paging.h"

enum { MAPPERS = 3, OWN_PAGES = 40, PAGES = MAPPERS * OWN_PAGES, ROUNDS = 2500, FREE = -1 };

static bool tables[PAGES];
static int frames[PAGES];
static unsigned long taken_out, uses;
static _Thread_local bool remembered[PAGES];

static uint64_t address_of(unsigned int page)
{
	return (page + 1ull) * PAGE_SIZE;
}

static void forget(uint64_t address)
{
	if (address == 0)
		memset(remembered, 0, sizeof(remembered));
	else
		remembered[address / PAGE_SIZE - 1] = false;
}

static void map(unsigned int first, unsigned int count)
{
	for (unsigned int page = first; page < first + count; page++) {
		frames[page] = (int)page;
		__atomic_store_n(&tables[page], true, __ATOMIC_RELEASE);
	}
}

/* One access of the processor: no interrupt comes in between. */
static void use(unsigned int page)
{
	if (!remembered[page])
		remembered[page] = __atomic_load_n(&tables[page], __ATOMIC_ACQUIRE);
	if (!remembered[page])
		return;
	EXPECT(frames[page] == (int)page);
	__atomic_fetch_add(&uses, 1, __ATOMIC_RELAXED);
}

static void unmap(unsigned int first, unsigned int count)
{
	for (unsigned int page = first; page < first + count; page++) {
		__atomic_store_n(&tables[page], false, __ATOMIC_RELAXED);
		CHAOS();
	}
	shootdown(address_of(first), count * PAGE_SIZE);
	for (unsigned int page = first; page < first + count; page++)
		frames[page] = FREE;
	__atomic_fetch_add(&taken_out, count, __ATOMIC_RELAXED);
}

static void count_one(void *context)
{
	__atomic_fetch_add((unsigned int *)context, 1, __ATOMIC_RELAXED);
}

static void call_all(void)
{
	unsigned int count = 0;

	cross_call_others(count_one, &count);
	EXPECT(count == MAPPERS - 1);
}

static void map_and_unmap(unsigned int number)
{
	host_cpu.forget = forget;
	other_cpus_enter(number, MAPPERS);
	for (unsigned int i = 0; i < machine_rounds(ROUNDS); i++) {
		unsigned int count = 1 + (unsigned int)machine_below(machine_below(4) == 0 ? OWN_PAGES : 4);
		unsigned int first = number * OWN_PAGES + (unsigned int)machine_below(OWN_PAGES - count + 1);

		map(first, count);
		for (unsigned int j = 0; j < 40; j++) {
			use((unsigned int)machine_below(PAGES));
			CHAOS();
		}
		unmap(first, count);
		if (machine_below(4) == 0)
			call_all();
	}
	other_cpus_leave();
}

unsigned long stress_shootdown(void)
{
	taken_out = uses = 0;
	cross_call_start();
	machine_run(MAPPERS, map_and_unmap, 0, NULL, other_cpus_interrupt);
	EXPECT(uses > taken_out / 10);
	printf("# shootdown: %lu uses\n", uses);
	return taken_out;
}
