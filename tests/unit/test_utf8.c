#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/utf8.h"

/* Decodes all of a text; returns how many characters came out. */
static size_t decode(const char *text, size_t length, uint32_t characters[])
{
	struct utf8 utf8 = {0};
	size_t count = 0;

	for (size_t i = 0; i < length; i++) {
		enum utf8_result result;

		while ((result = utf8_take(&utf8, (uint8_t)text[i])) == UTF8_CUT)
			characters[count++] = UTF8_REPLACEMENT;
		if (result == UTF8_CHARACTER)
			characters[count++] = utf8.character;
		else if (result == UTF8_BAD)
			characters[count++] = UTF8_REPLACEMENT;
	}
	if (utf8.wanted > 0)
		characters[count++] = UTF8_REPLACEMENT;
	return count;
}

static void test_every_character(void **state)
{
	char text[UTF8_LENGTH_MAX];
	uint32_t found[UTF8_LENGTH_MAX + 1];

	(void)state;
	for (uint32_t character = 0; character <= 0x10ffff; character++) {
		unsigned int length = utf8_write(text, character);
		bool is_surrogate = character >= 0xd800 && character <= 0xdfff;

		assert_int_equal(length, character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4);
		assert_int_equal(decode(text, length, found), is_surrogate ? 3 : 1);
		assert_int_equal(found[0], is_surrogate ? UTF8_REPLACEMENT : character);
	}
}

/* The Unicode Standard 15, table 3-8 and 3-9, and more: how many replacements stand for what is no UTF-8. */
static void test_bad_sequences(void **state)
{
	static const struct {
		const char *text;
		const char *shape; /* R: a replacement; else the character itself */
	} cases[] = {
	        {"\xc0\xafz", "RRz"},
	        {"\xe0\x80\xafz", "RRRz"},
	        {"\xf0\x80\x80\xafz", "RRRRz"},
	        {"\xed\xa0\x80z", "RRRz"},
	        {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", "RRRRRARRB"},
	        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "RRRRA"},
	        {"a\x80\x80z", "aRRz"},
	        {"\xc3", "R"},
	        {"\xe2\x82", "R"},
	        {"\xf0\x9f\x98", "R"},
	        {"\xf0\x9f\x98z", "Rz"},
	        {"\xf5\xf6\xf7\xf8\xfe\xff", "RRRRRR"},
	        {"\xc3\xc3\xc3z", "RRRz"},
	        {"\xe0\x9f\xbfz", "RRRz"},
	        {"\xf0\x8f\xbf\xbfz", "RRRRz"},
	        {"\xf4\x90\x80\x80z", "RRRRz"},
	};
	uint32_t found[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t count = decode(cases[i].text, strlen(cases[i].text), found);

		assert_int_equal(count, strlen(cases[i].shape));
		for (size_t c = 0; c < count; c++)
			assert_int_equal(
			        found[c], cases[i].shape[c] == 'R' ? UTF8_REPLACEMENT : (uint32_t)cases[i].shape[c]);
	}
}

static void test_width(void **state)
{
	static const struct {
		uint32_t character;
		unsigned int width;
	} cases[] = {
	        {0, 0},
	        {'\n', 0},
	        {' ', 1},
	        {'~', 1},
	        {0x7f, 0},
	        {0x9b, 0},
	        {0xa0, 1},
	        {0xe4, 1},
	        {0x2ff, 1},
	        {0x300, 0},
	        {0x36f, 0},
	        {0x370, 1},
	        {0x410, 1},
	        {0x5d0, 1},
	        {0x5b0, 0},
	        {0xe34, 0},
	        {0x10ff, 1},
	        {0x1100, 2},
	        {0x115f, 2},
	        {0x1160, 0},
	        {0x200b, 0},
	        {0x2010, 1},
	        {0x20ac, 1},
	        {0x2500, 1},
	        {0x2e80, 2},
	        {0x303e, 2},
	        {0x303f, 1},
	        {0x3041, 2},
	        {0x3099, 0},
	        {0x4dc0, 1},
	        {0x4e2d, 2},
	        {0x9fff, 2},
	        {0xabff, 1},
	        {0xac00, 2},
	        {0xd7a3, 2},
	        {0xe000, 1},
	        {0xfe0f, 0},
	        {0xff01, 2},
	        {0xff61, 1},
	        {0xfffd, 1},
	        {0x10000, 1},
	        {0x1f600, 2},
	        {0x1f700, 1},
	        {0x20000, 2},
	        {0x3fffd, 2},
	        {0x10ffff, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_width(cases[i].character), cases[i].width);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_character),
	        cmocka_unit_test(test_bad_sequences),
	        cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
