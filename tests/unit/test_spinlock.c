#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/panic.h"
#include "core/spinlock.h"
#include "host_arch.h"

enum { WAIT_LIMIT = 5 }; /* seconds */

static jmp_buf panicked;
static char said[80];

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	longjmp(panicked, 1);
}

static struct spinlock outer = SPINLOCK(RANK_HEAP, "outer");
static struct spinlock inner = SPINLOCK(RANK_FRAMES, "inner");

static void test_turns_interrupts_off_and_back(void **state)
{
	uint64_t flags, flags_inside;

	(void)state;
	host_cpu.flags = CPU_FLAGS_IF;
	flags = spin_lock(&outer);
	assert_false(cpu_interrupts_enabled());
	flags_inside = spin_lock(&inner);
	assert_true(spin_holds(RANK_HEAP) && spin_holds(RANK_FRAMES) && !spin_holds(RANK_LOG));
	spin_unlock(&inner, flags_inside);
	assert_false(cpu_interrupts_enabled());
	spin_unlock(&outer, flags);
	assert_true(cpu_interrupts_enabled());
	assert_false(spin_holds(RANK_HEAP));
}

/* Last of all: a panic leaves the lock held. Without the check who takes it twice waits for ever, hence the alarm. */
static void test_wrong_order_panics(void **state)
{
	uint64_t flags = spin_lock(&inner);
	char wanted[sizeof(said)];

	(void)state;
	alarm(WAIT_LIMIT);
	if (setjmp(panicked) == 0) {
		spin_lock(&outer);
		fail_msg("the wrong order went through");
	}
	snprintf(wanted, sizeof(wanted), "Lock \"outer\" of rank %d is taken while one of rank %d is held.", RANK_HEAP,
	        RANK_FRAMES);
	assert_string_equal(said, wanted);
	if (setjmp(panicked) == 0) {
		spin_lock(&inner);
		fail_msg("the same lock was taken twice");
	}
	spin_unlock(&inner, flags);
	flags = spin_lock(&outer);
	spin_unlock(&outer, flags);
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_turns_interrupts_off_and_back),
	        cmocka_unit_test(test_wrong_order_panics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
