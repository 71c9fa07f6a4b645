#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/exceptions.h"
#include "trap.h"

#define KERNEL_ADDRESS 0xffffffff80000000u

static void assert_error(unsigned int vector, uint64_t error, uint64_t address, const char *expected)
{
	char text[EXCEPTIONS_TEXT_MAX];

	assert_string_equal(exceptions_describe_error(vector, error, address, text, sizeof(text)), expected);
}

static void test_page_faults(void **state)
{
	static const struct {
		uint64_t error;
		const char *doing, *high, *low; /* what it means of an address of the kernel, and of programs */
	} cases[] = {
	        {0x00, "reading", "nothing is mapped there", "nothing is mapped there"},
	        {0x01, "reading", "the page is the kernel's", "the page is a program's"},
	        {0x03, "writing", "the page is read-only", "the page is a program's, or read-only"},
	        {0x09, "reading", "a reserved bit is set there", "a reserved bit is set there"},
	        {0x10, "executing", "nothing is mapped there", "nothing is mapped there"},
	        {0x11, "executing", "the page is not executable", "the page is a program's"},
	};
	char text[EXCEPTIONS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (unsigned int high = 0; high < 2; high++) {
			exceptions_describe_error(
			        TRAP_PAGE_FAULT, cases[i].error, high ? KERNEL_ADDRESS : 0x1000, text, sizeof(text));
			assert_ptr_equal(strstr(text, cases[i].doing), text);
			assert_non_null(strstr(text, " in the kernel: "));
			assert_string_equal(strstr(text, ": ") + 2, high ? cases[i].high : cases[i].low);
		}
	}
	assert_error(TRAP_PAGE_FAULT, 7, 0x1000, "writing 0000000000001000 in a program: the page is read-only");
	assert_error(
	        TRAP_PAGE_FAULT, 5, KERNEL_ADDRESS, "reading ffffffff80000000 in a program: the page is the kernel's");
}

static void test_selectors(void **state)
{
	(void)state;
	assert_error(TRAP_GENERAL_PROTECTION, 0, 0, "");
	assert_error(TRAP_GENERAL_PROTECTION, 0x102, 0, "about entry 32 of the IDT");
	assert_error(TRAP_SEGMENT, 0x29, 0, "about entry 5 of the GDT, from outside the program");
	assert_error(TRAP_STACK, 0x14, 0, "about entry 2 of the LDT");
	assert_error(TRAP_DIVIDE, 0x14, 0, "");
}

/* Each has a name and a sentence, and they fit on a line: "NAME (exception NN): SENTENCE". */
static void test_names(void **state)
{
	(void)state;
	for (unsigned int vector = 0; vector < TRAP_EXCEPTIONS; vector++) {
		const struct exception *e = exceptions_find(vector);

		assert_true(strlen(e->name) + strlen(" (exception 14): ") + strlen(e->sentence) <= 80);
	}
}

static void test_error_codes(void **state)
{
	(void)state;
	assert_true(exceptions_have_error(TRAP_PAGE_FAULT));
	assert_true(exceptions_have_error(TRAP_DOUBLE_FAULT));
	assert_false(exceptions_have_error(TRAP_DIVIDE));
	assert_false(exceptions_have_error(TRAP_MACHINE_CHECK));
	assert_false(exceptions_have_error(32 + TRAP_PAGE_FAULT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_page_faults),
	        cmocka_unit_test(test_selectors),
	        cmocka_unit_test(test_names),
	        cmocka_unit_test(test_error_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
