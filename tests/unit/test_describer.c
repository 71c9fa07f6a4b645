#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/describer.h"

static jmp_buf faulted;
static int asked;

static bool describe_low(uint64_t address, char *text, size_t size)
{
	asked++;
	if (address >= 0x1000)
		return false;
	strncpy(text, "low", size);
	return true;
}

static bool describe_by_fault(uint64_t address, char *text, size_t size)
{
	(void)address;
	(void)text;
	(void)size;
	longjmp(faulted, 1);
}

static struct describer low = {.describe = describe_low};
static struct describer faulty = {.describe = describe_by_fault};

static void test_asks_until_one_knows(void **state)
{
	char text[DESCRIBER_TEXT_MAX];

	(void)state;
	assert_false(describer_ask(0x10, text));
	describer_add(&low);
	assert_true(describer_ask(0x10, text));
	assert_string_equal(text, "low");
	assert_false(describer_ask(0x1000, text));
	assert_int_equal(asked, 2);
}

/* A describer that faults is never asked again, the others are. */
static void test_one_that_faults_is_skipped(void **state)
{
	char text[DESCRIBER_TEXT_MAX];

	(void)state;
	describer_add(&faulty);
	if (setjmp(faulted) == 0) {
		describer_ask(0x10, text);
		fail_msg("the faulty one was not asked");
	}
	assert_true(describer_ask(0x10, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_asks_until_one_knows),
	        cmocka_unit_test(test_one_that_faults_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
