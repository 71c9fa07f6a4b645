/*
 * kernel/lib/format.c against the C library's snprintf, with random conversions; and what is ours alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dice.h"
#include "lib/format.h"

enum { ROUNDS = 200000, ROOM = 256 };

static struct dice dice;

/*
 * Compares both with the same arguments, also when the text does not fit. A macro, for the arguments differ in type;
 * they are taken twice.
 */
#define COMPARE(...)                                                                                                   \
	do {                                                                                                           \
		char ours[ROOM], theirs[ROOM];                                                                         \
		size_t room = dice_below(&dice, 8) == 0 ? dice_below(&dice, 20) : ROOM;                                \
		size_t wanted = (size_t)snprintf(theirs, room, __VA_ARGS__);                                           \
		size_t got = format_string(ours, room, __VA_ARGS__);                                                   \
                                                                                                                       \
		if (got != wanted || (room > 0 && strcmp(ours, theirs) != 0))                                          \
			fail_msg("\"%s\": \"%s\" is wanted, we give \"%s\"", format, theirs, ours);                    \
	} while (0)

/* "%", then flags, width and precision at random. Returns what follows them. */
static char *random_head(char *p, const char *flags)
{
	*p++ = '%';
	for (const char *flag = flags; *flag != '\0'; flag++) {
		if (dice_below(&dice, 4) == 0)
			*p++ = *flag;
	}
	if (dice_below(&dice, 2) == 0)
		p += sprintf(p, "%u", 1 + (unsigned int)dice_below(&dice, 30));
	if (dice_below(&dice, 3) == 0)
		p += sprintf(p, ".%u", (unsigned int)dice_below(&dice, 30));
	return p;
}

/* Numbers of all lengths, and those at the borders. */
static uint64_t random_number(void)
{
	static const uint64_t borders[] = {0, 1, 9, 10, 9999, 10000, INT32_MAX, 1ull << 31, UINT32_MAX, 1ull << 32,
	        INT64_MAX, 1ull << 63, UINT64_MAX};

	if (dice_below(&dice, 4) == 0)
		return borders[dice_below(&dice, sizeof(borders) / sizeof(borders[0]))];
	return dice_roll(&dice) >> dice_below(&dice, 64);
}

static void compare_number(const char *format, int length, uint64_t number)
{
	switch (length) {
	case 0:
		COMPARE(format, (unsigned int)number);
		return;
	case 1:
		COMPARE(format, (unsigned long)number);
		return;
	case 2:
		COMPARE(format, (unsigned long long)number);
		return;
	case 3:
		COMPARE(format, (size_t)number);
		return;
	default:
		COMPARE(format, (uintmax_t)number);
		return;
	}
}

static void test_numbers(void **state)
{
	static const char *const lengths[] = {"", "l", "ll", "z", "j"};

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char format[ROOM];
		int length = (int)dice_below(&dice, 5);
		char type = "diuxX"[dice_below(&dice, 5)];
		const char *flags = type == 'x' || type == 'X' ? "-0#" : type == 'u' ? "-0" : "-0+";

		sprintf(random_head(format, flags), "%s%c", lengths[length], type);
		compare_number(format, length, random_number());
	}
}

static void test_texts(void **state)
{
	static const char *const texts[] = {"", "a", "Cairn", "a text that is longer than most of the widths"};

	(void)state;
	for (int round = 0; round < ROUNDS / 4; round++) {
		char format[ROOM];

		const char *text = texts[dice_below(&dice, 4)];
		void *pointer = (void *)(uintptr_t)(1 + random_number() / 2);

		sprintf(random_head(format, "-"), "s|%%c|%%%%|%%p");
		COMPARE(format, text, 'x', pointer);
	}
}

static void test_stars(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS / 4; round++) {
		const char *format = "%*d|%-*x|%.*s|%0*lu";
		int width = (int)dice_below(&dice, 40) - 20, precision = (int)dice_below(&dice, 10) - 2;
		uint64_t number = random_number();

		COMPARE(format, width, (int)number, width, (unsigned int)number, precision, "precision", width,
		        (unsigned long)number);
	}
}

/* The string may lack its zero byte when the precision is its length. */
static void test_precision_limits_reading(void **state)
{
	char *unended = malloc(3);
	char text[8];

	(void)state;
	memcpy(unended, "abc", 3);
	assert_int_equal(format_string(text, sizeof(text), "%.3s", unended), 3);
	assert_string_equal(text, "abc");
	free(unended);
}

struct target {
	char text[ROOM];
	size_t length;
};

static void put(void *context, const char *text, size_t length)
{
	struct target *target = context;

	assert_true(length > 0 && target->length + length <= ROOM);
	memcpy(target->text + target->length, text, length);
	target->length += length;
}

/* Not declared as printf's kin: the compiler would refuse the mistakes. */
static size_t format_wrongly(char *buffer, size_t size, const char *format, ...)
{
	struct target target = {.length = 0};
	size_t length;
	va_list args;

	va_start(args, format);
	length = format_args(put, &target, format, args);
	va_end(args);
	assert_int_equal(length, target.length);
	snprintf(buffer, size, "%.*s", (int)target.length, target.text);
	return length;
}

/* Mistakes are shown, and end nothing. */
static void test_mistakes(void **state)
{
	char text[ROOM];

	(void)state;
	format_wrongly(text, sizeof(text), "a %q b %5.2f c %");
	assert_string_equal(text, "a %q b %5.2f c %");
	format_wrongly(text, sizeof(text), "%s", NULL);
	assert_string_equal(text, "(null)");
	format_wrongly(text, sizeof(text), "%p", NULL);
	assert_string_equal(text, "0x0");
}

static void test_no_room(void **state)
{
	char text[2] = "x";

	(void)state;
	assert_int_equal(format_string(text, 0, "word"), 4);
	assert_string_equal(text, "x");
	assert_int_equal(format_string(NULL, 0, "%d", 12345), 5);
	assert_int_equal(format_string(text, 1, "word"), 4);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_numbers),
	        cmocka_unit_test(test_texts),
	        cmocka_unit_test(test_stars),
	        cmocka_unit_test(test_precision_limits_reading),
	        cmocka_unit_test(test_mistakes),
	        cmocka_unit_test(test_no_room),
	};

	dice = dice_take("test_format");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
