/*
 * Undefined behaviour on purpose. A kernel made with SANITIZE=undefined must say what it was; one without does
 * something.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/fault_kind.h"
#include "lib/string.h"

static volatile int large = 0x7fffffff, minus_one = -1, shift = 40, index_outside = 9;
static volatile int seven_numbers[7];
static volatile int result;

static void add(void)
{
	result = large + 1;
}

FAULT_KIND(undefined_add, "a sum too large", add);

static void multiply(void)
{
	result = large * 2;
}

FAULT_KIND(undefined_mul, "a product too large", multiply);

static void shift_too_far(void)
{
	result = 1 << shift;
}

FAULT_KIND(undefined_shift, "a shift too far", shift_too_far);

static void divide_least(void)
{
	result = (-large - 1) / minus_one;
}

FAULT_KIND(undefined_divide, "a quotient too large", divide_least);

static void look_outside(void)
{
	result = seven_numbers[index_outside];
}

FAULT_KIND(undefined_index, "an index outside of its array", look_outside);

static void misalign(void)
{
	/* Not volatile: clang does not check what is. */
	const int *misaligned = (const int *)((uintptr_t)seven_numbers + (uintptr_t)shift / 40);

	result = *misaligned;
}

FAULT_KIND(undefined_align, "a pointer that is not aligned", misalign);

static void doubt(void)
{
	volatile bool doubtful;

	memset((void *)(uintptr_t)&doubtful, 2, 1);
	result = doubtful;
}

FAULT_KIND(undefined_bool, "a truth value that is neither", doubt);
