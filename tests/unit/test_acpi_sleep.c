#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "lib/acpi_sleep.h"

#define NAME "\x08_S5_"

/* A copy of exactly these bytes: a look beyond is seen. */
static bool find(const char *bytes, size_t size, struct acpi_sleep_type *type)
{
	char *exact = malloc(size > 0 ? size : 1);
	bool found;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	found = acpi_find_s5(exact, size, type);
	free(exact);
	return found;
}

#define assert_found(bytes, its_a, its_b)                                                                              \
	do {                                                                                                           \
		struct acpi_sleep_type its_type = {99, 99};                                                            \
		assert_true(find(bytes, sizeof(bytes) - 1, &its_type));                                                \
		assert_int_equal(its_type.a, its_a);                                                                   \
		assert_int_equal(its_type.b, its_b);                                                                   \
	} while (0)

#define assert_missing(bytes)                                                                                          \
	do {                                                                                                           \
		struct acpi_sleep_type its_type;                                                                       \
		assert_false(find(bytes, sizeof(bytes) - 1, &its_type));                                               \
	} while (0)

static void test_ways_to_write_it(void **state)
{
	(void)state;
	assert_found(NAME "\x12\x06\x04\x00\x00\x00\x00", 0, 0);                 /* QEMU */
	assert_found(NAME "\x12\x08\x04\x0a\x05\x0a\x06\x00\x00", 5, 6);         /* most boards */
	assert_found("\x08\\_S5_\x12\x08\x04\x0a\x05\x0a\x06\x00\x00", 5, 6);    /* from the root */
	assert_found(NAME "\x12\x46\x00\x04\x01\x0a\x07\x00\x00", 1, 7);         /* a length of two bytes */
	assert_found(NAME "\x12\x0a\x02\x0b\x05\x00\x0c\x06\x00\x00\x00", 5, 6); /* words */
	assert_found(NAME "\x12\x04\x01\x0a\x03", 3, 0);                         /* only PM1a's */
	assert_found("junk" NAME "\x12\x06\x04\x01\x01\x00\x00more", 1, 1);
}

static void test_what_is_none(void **state)
{
	(void)state;
	assert_missing("");
	assert_missing("_S5_");
	assert_missing(NAME);
	assert_missing("\x10_S5_\x12\x06\x04\x00\x00\x00\x00"); /* no name is defined here */
	assert_missing(NAME "\x14\x06\x04\x00\x00\x00\x00");    /* a method */
	assert_missing(NAME "\x12\x06\x00");                    /* empty */
	assert_missing(NAME "\x12\x08\x04\x0a\x08\x0a\x06");    /* has only three bits */
	assert_missing(NAME "\x12\x08\x04\x70\x05\x0a\x06");    /* something to be computed */
	assert_missing("\x08_S4_\x12\x06\x04\x00\x00\x00\x00");
}

/* It goes on after what only looks like it. */
static void test_the_first_that_is_right(void **state)
{
	(void)state;
	assert_found("_S5_" NAME "\x14" NAME "\x12\x06\x04\x01\x01\x00\x00", 1, 1);
}

static void test_cut_off(void **state)
{
	static const char whole[] = NAME "\x12\x88\x00\x00\x04\x0b\x05\x00\x0c\x06\x00\x00\x00";
	struct acpi_sleep_type type;

	(void)state;
	for (size_t size = 0; size < sizeof(whole) - 1; size++)
		assert_false(find(whole, size, &type));
	assert_found(whole, 5, 6);
}

static void test_random_bytes(void **state)
{
	struct dice dice = dice_take("test_acpi_sleep");
	static const char likely[] = "\x08\\_S5__S5_\x12\x00\x01\x02\x04\x06\x0a\x0b\x0c\x40\xc0";

	(void)state;
	for (uint64_t rounds = dice_rounds(100000); rounds > 0; rounds--) {
		char bytes[24];
		size_t size = dice_below(&dice, sizeof(bytes) + 1);
		struct acpi_sleep_type type;

		for (size_t i = 0; i < size; i++)
			bytes[i] = likely[dice_below(&dice, sizeof(likely) - 1)];
		if (size > 5 && dice_below(&dice, 2) == 0)
			memcpy(bytes + dice_below(&dice, size - 4), NAME, 5);
		if (find(bytes, size, &type))
			assert_true(type.a <= 7 && type.b <= 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_ways_to_write_it),
	        cmocka_unit_test(test_what_is_none),
	        cmocka_unit_test(test_the_first_that_is_right),
	        cmocka_unit_test(test_cut_off),
	        cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
