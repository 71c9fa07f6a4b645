#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/page_walk.h"
#include "paging.h"

#define RW (PAGE_PRESENT | PAGE_WRITABLE)

static void assert_text(uint64_t address, const uint64_t *entries, unsigned int count, const char *expected)
{
	char text[PAGE_WALK_TEXT_MAX];

	assert_string_equal(page_walk_describe(address, entries, count, text, sizeof(text)), expected);
}

static void test_levels(void **state)
{
	const uint64_t kernel[] = {0x1000 | RW, 0x2000 | RW, 0x3000 | RW, 0x4000 | PAGE_PRESENT | PAGE_NO_EXECUTE};
	const uint64_t program[] = {
	        0x1000 | RW | PAGE_USER, 0x2000 | PAGE_PRESENT | PAGE_USER, 0xabc000 | PAGE_WRITABLE};
	const uint64_t nothing[] = {0};

	(void)state;
	assert_text(0xffffffff80005000, kernel, 4, "4[511] rwx-, 3[510] rwx-, 2[0] rwx-, 1[5] r---");
	assert_text(0xffffffff80005000, kernel, 2, "4[511] rwx-, 3[510] rwx-");
	assert_text(0x7fffffffffff, program, 3, "4[255] rwxu, 3[511] r-xu, 2[511] absent");
	assert_text(0x10, nothing, 1, "4[0] absent");
	assert_text(0x10, nothing, 0, "");
}

/* A buffer that is too small ends the text, and nothing is written behind it. */
static void test_sizes(void **state)
{
	const uint64_t all[] = {RW, RW, RW, RW};
	char whole[PAGE_WALK_TEXT_MAX], text[PAGE_WALK_TEXT_MAX];

	(void)state;
	page_walk_describe(UINT64_MAX, all, 4, whole, sizeof(whole));
	for (size_t size = 1; size <= strlen(whole); size++) {
		memset(text, '#', sizeof(text));
		page_walk_describe(UINT64_MAX, all, 4, text, size);
		assert_true(strlen(text) < size && strncmp(text, whole, strlen(text)) == 0);
		assert_int_equal(text[size], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_levels),
	        cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
