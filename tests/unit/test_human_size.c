#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/human_size.h"

static void test_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
	        {0, "0 bytes"},
	        {1023, "1023 bytes"},
	        {1024, "1 KiB"},
	        {1024 + 102, "1 KiB"},
	        {1024 + 103, "1.1 KiB"},
	        {639 * 1024, "639 KiB"},
	        {(1 << 20) - 1, "1023.9 KiB"},
	        {127 << 20 | 3 << 18, "127.7 MiB"},
	        {5ull << 30, "5 GiB"},
	        {1ull << 40, "1 TiB"},
	        {UINT64_MAX, "16777215.9 TiB"},
	};
	char text[HUMAN_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(human_size(cases[i].bytes, text), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
