/* Code page 437 and Unicode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/cp437.h"

/* Each glyph but the blank at 0 belongs to one character at least. */
static void every_code_is_found(void **state)
{
	bool found[256] = {false};

	(void)state;
	for (uint32_t character = 0; character < 0x10000; character++)
		found[cp437_from_unicode(character)] = true;
	for (unsigned int code = 1; code < 256; code++)
		assert_true(found[code]);
}

/* Codes from the chart, and characters that others write. */
static void known_characters(void **state)
{
	(void)state;
	assert_int_equal(cp437_from_unicode(0xe9), 0x82);   /* e acute */
	assert_int_equal(cp437_from_unicode(0xdf), 0xe1);   /* sharp s */
	assert_int_equal(cp437_from_unicode(0x2500), 0xc4); /* horizontal line */
	assert_int_equal(cp437_from_unicode(0x2588), 0xdb); /* full block */
	assert_int_equal(cp437_from_unicode(0xa0), 0xff);
	assert_int_equal(cp437_from_unicode(0x263a), 1);
	assert_int_equal(cp437_from_unicode(0x2302), 0x7f);
	assert_int_equal(cp437_from_unicode(0x2019), '\''); /* a typographer's apostrophe */
}

/* The table is searched by halving: were it not sorted, or too wide a number cut off, something would be found here. */
static void nothing_else_is_found(void **state)
{
	unsigned int found = 0;

	(void)state;
	for (uint32_t character = 0x80; character < 0x10000; character++)
		found += cp437_from_unicode(character) != '?';
	assert_int_equal(found, 128 + 32 + 30);
	for (uint32_t character = 1; character < ' '; character++)
		assert_int_equal(cp437_from_unicode(character), '?');
	assert_int_equal(cp437_from_unicode(0x10041), '?');
	assert_int_equal(cp437_from_unicode(0x125100), '?');
	assert_int_equal(cp437_from_unicode(UINT32_MAX), '?');
	assert_int_equal(cp437_from_unicode(0), ' ');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_code_is_found),
	        cmocka_unit_test(known_characters),
	        cmocka_unit_test(nothing_else_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
