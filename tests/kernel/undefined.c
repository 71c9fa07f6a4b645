/*
 * Undefined behaviour on purpose, one kind per boot: `undefined=NAME` on the command line. A kernel made with
 * SANITIZE=undefined must say what it was; one without does something, and then says that nothing came of it.
 */
#include "core/boot_word.h"
#include "core/panic.h"
#include "lib/string.h"
#include "machine_end.h"

static volatile int large = 0x7fffffff, minus_one = -1, shift = 40, index_outside = 9;
static volatile int seven_numbers[7];

static int add(void)
{
	return large + 1;
}

static int multiply(void)
{
	return large * 2;
}

static int shift_too_far(void)
{
	return 1 << shift;
}

static int divide_least(void)
{
	return (-large - 1) / minus_one;
}

static int look_outside(void)
{
	return seven_numbers[index_outside];
}

static int misalign(void)
{
	/* Not volatile: clang does not check what is. */
	const int *misaligned = (const int *)((uintptr_t)seven_numbers + (uintptr_t)shift / 40);

	return *misaligned;
}

static int doubt(void)
{
	volatile bool doubtful;

	memset((void *)(uintptr_t)&doubtful, 2, 1);
	return doubtful;
}

static const struct {
	char name[8];
	int (*run)(void);
} cases[] = {
        {"add", add},
        {"mul", multiply},
        {"shift", shift_too_far},
        {"divide", divide_least},
        {"index", look_outside},
        {"align", misalign},
        {"bool", doubt},
};

static void run_case(const struct boot_info *info, const char *value, size_t value_length)
{
	int result = 0;

	(void)info;
	panic_set_end(machine_end_failed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (value_length == strlen(cases[i].name) && memcmp(value, cases[i].name, value_length) == 0)
			result = cases[i].run();
	}
	panic("The case %.*s is unknown, or nothing came of it (%d).", (int)value_length, value, result);
}

BOOT_WORD(undefined, "=NAME does something that C leaves undefined, and ends the machine", run_case);
