/*
 * kernel/lib/string.c against the C library. Compiled with every name renamed (cairn_memcpy and so on), so that both
 * can be called: `memcpy` here is ours, `__builtin_memcpy` the library's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dice.h"
#include "lib/string.h"

enum { AREA = 700, ROUNDS = 20000 };

static struct dice dice;

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void fill(uint8_t *area, size_t size)
{
	for (size_t i = 0; i < size; i++)
		area[i] = (uint8_t)dice_roll(&dice);
}

/* A block of exactly `size` bytes, so that a touch beyond it is seen. */
static uint8_t *take(size_t size)
{
	uint8_t *area = malloc(size);

	assert_non_null(area);
	return area;
}

static void test_memcpy(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t size = dice_below(&dice, 300), skip = dice_below(&dice, 20);
		uint8_t *from = take(skip + size), *to = take(skip + size), *wanted = take(skip + size);

		fill(from, skip + size);
		fill(to, skip + size);
		__builtin_memcpy(wanted, to, skip + size);
		__builtin_memcpy(wanted + skip, from, size);
		assert_ptr_equal(memcpy(to + skip, from, size), to + skip);
		assert_memory_equal(to, wanted, skip + size);
		free(from);
		free(to);
		free(wanted);
	}
}

static void test_memmove(void **state)
{
	static uint8_t ours[AREA], theirs[AREA];

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t size = dice_below(&dice, AREA / 2);
		size_t from = dice_below(&dice, AREA - size), near = dice_below(&dice, 32);
		size_t to = round % 2                    ? dice_below(&dice, AREA - size)
		            : from + near <= AREA - size ? from + near
		                                         : from;

		fill(ours, AREA);
		__builtin_memcpy(theirs, ours, AREA);
		__builtin_memmove(theirs + to, theirs + from, size);
		assert_ptr_equal(memmove(ours + to, ours + from, size), ours + to);
		assert_memory_equal(ours, theirs, AREA);
	}
}

static void test_memset(void **state)
{
	static uint8_t ours[AREA], theirs[AREA];

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t size = dice_below(&dice, AREA / 2), at = dice_below(&dice, AREA - size);
		int value = (int)dice_below(&dice, 1024) - 512;

		fill(ours, AREA);
		__builtin_memcpy(theirs, ours, AREA);
		__builtin_memset(theirs + at, value, size);
		assert_ptr_equal(memset(ours + at, value, size), ours + at);
		assert_memory_equal(ours, theirs, AREA);
	}
}

static void test_memcmp(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t size = dice_below(&dice, 40);
		uint8_t *a = take(size), *b = take(size);

		fill(a, size);
		__builtin_memcpy(b, a, size);
		if (size > 0 && round % 4 != 0)
			b[dice_below(&dice, size)] = (uint8_t)dice_roll(&dice);
		assert_int_equal(sign(memcmp(a, b, size)), sign(__builtin_memcmp(a, b, size)));
		free(a);
		free(b);
	}
}

/* Short texts over few characters, so that they often agree at the beginning; also ones above 127. */
static char *random_text(void)
{
	static const char characters[] = "ab\x80\xff";
	size_t length = dice_below(&dice, 12);
	char *text = (char *)take(length + 1);

	for (size_t i = 0; i < length; i++)
		text[i] = characters[dice_below(&dice, sizeof(characters) - 1)];
	text[length] = '\0';
	return text;
}

static void test_texts(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char *a = random_text(), *b = random_text();
		size_t limit = dice_below(&dice, 14);

		assert_int_equal(strlen(a), __builtin_strlen(a));
		assert_int_equal(strnlen(a, limit), limit < __builtin_strlen(a) ? limit : __builtin_strlen(a));
		assert_int_equal(sign(strcmp(a, b)), sign(__builtin_strcmp(a, b)));
		assert_int_equal(sign(strncmp(a, b, limit)), sign(__builtin_strncmp(a, b, limit)));
		assert_ptr_equal(strchr(a, 'b'), __builtin_strchr(a, 'b'));
		assert_ptr_equal(strchr(a, 0xff), __builtin_strchr(a, 0xff));
		assert_ptr_equal(strchr(a, 0), __builtin_strchr(a, 0));
		free(a);
		free(b);
	}
}

/* Not a byte beyond what the limit allows is touched. */
static void test_limits(void **state)
{
	char *unended = (char *)take(3);

	(void)state;
	__builtin_memcpy(unended, "abc", 3);
	assert_int_equal(strnlen(unended, 3), 3);
	assert_int_equal(strncmp(unended, "abcd", 3), 0);
	free(unended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_memcpy),
	        cmocka_unit_test(test_memmove),
	        cmocka_unit_test(test_memset),
	        cmocka_unit_test(test_memcmp),
	        cmocka_unit_test(test_texts),
	        cmocka_unit_test(test_limits),
	};

	dice = dice_take("test_string");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
