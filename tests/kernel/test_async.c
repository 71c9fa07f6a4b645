/*
 * Tasks in the kernel itself: woken by real interrupts, while the CPU sleeps.
 */
#include "kernel_test.h"

#include "task/executor.h"
#include "task/sleep.h"

#define MS 1000000ull

/* Never too early, and the CPU sleeps meanwhile. */
KERNEL_TEST(async_sleep)
{
	uint64_t halts = executor_here()->halts, deadline;
	struct sleep sleep;

	for (unsigned int i = 0; i < 5; i++) {
		deadline = clock_monotonic_ns() + 10 * MS;
		EXPECT(block_on(sleep_until(&sleep, deadline)) == 0);
		EXPECT(clock_monotonic_ns() >= deadline);
	}
	EXPECT(executor_here()->halts > halts);
}
