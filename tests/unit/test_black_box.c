#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "lib/black_box.h"

#define SIZE  65536u
#define BUILD 7u

static _Alignas(64) uint8_t box[SIZE];

static int start(void **state)
{
	(void)state;
	memset(box, 0, sizeof(box));
	return 0;
}

static void say(struct black_box_run *run, const char *text)
{
	log_ring_add(&run->ring, 1, 10, text, strlen(text));
}

static void assert_text(const char *(*get)(const struct black_box_run *, size_t *), const char *expected)
{
	size_t length;
	const char *text = get(black_box_latest(box, SIZE), &length);

	assert_int_equal(length, strlen(expected));
	assert_memory_equal(text, expected, length);
}

static void assert_first_line(const struct black_box_run *run, const char *expected)
{
	uint32_t position = 0;
	struct log_line line;

	assert_non_null(black_box_log(run));
	assert_true(log_ring_next(black_box_log(run), &position, &line));
	assert_string_equal(line.text, expected);
}

static void test_cold_memory(void **state)
{
	(void)state;
	assert_null(black_box_latest(NULL, 0));
	assert_null(black_box_latest(box, SIZE));
	memset(box, 0xff, sizeof(box));
	assert_null(black_box_latest(box, SIZE));
	assert_null(black_box_latest(box, sizeof(struct black_box_run)));
}

static void test_a_run(void **state)
{
	struct black_box_run *run = black_box_begin(box, SIZE, BUILD);

	(void)state;
	assert_ptr_equal(black_box_latest(box, SIZE), run);
	assert_int_equal(run->number, 1);
	assert_int_equal(run->build, BUILD);
	assert_int_equal(black_box_state(run), BLACK_BOX_RUNNING);
	assert_text(black_box_command, "");
	assert_text(black_box_report, "");
	black_box_set_command(run, "fault panic", 11);
	black_box_set_task(run, "session", 7);
	black_box_add_report(run, "Panic: ", 7);
	black_box_add_report(run, "asked for\n", 10);
	black_box_set_state(run, BLACK_BOX_PANIC);
	assert_text(black_box_command, "fault panic");
	assert_text(black_box_task, "session");
	assert_text(black_box_report, "Panic: asked for\n");
	assert_int_equal(black_box_state(run), BLACK_BOX_PANIC);
	black_box_set_command(run, "", 0);
	assert_text(black_box_command, "");
}

/* Each run leaves the one before it alone. */
static void test_runs_take_turns(void **state)
{
	struct black_box_run *last = black_box_begin(box, SIZE, BUILD);

	(void)state;
	say(last, "run 1\n");
	for (unsigned int number = 2; number < 10; number++) {
		struct black_box_run *run = black_box_begin(box, SIZE, BUILD);
		uint32_t position = 0;
		struct log_line line;
		char text[20];

		assert_ptr_equal(black_box_latest(box, SIZE), run);
		assert_ptr_not_equal(run, last);
		assert_int_equal(run->number, number);
		assert_false(log_ring_next(&run->ring, &position, &line));
		snprintf(text, sizeof(text), "run %u", number - 1);
		assert_first_line(last, text);
		snprintf(text, sizeof(text), "run %u\n", number);
		say(run, text);
		last = run;
	}
}

static void test_what_is_too_long_is_cut_off(void **state)
{
	struct black_box_run *run = black_box_begin(box, SIZE, BUILD);
	char text[1000];
	size_t length;

	(void)state;
	memset(text, 'x', sizeof(text));
	black_box_set_command(run, text, sizeof(text));
	black_box_command(run, &length);
	assert_int_equal(length, BLACK_BOX_WORDS_MAX);
	for (unsigned int i = 0; i < 10; i++)
		black_box_add_report(run, text, sizeof(text));
	black_box_report(run, &length);
	assert_int_equal(length, BLACK_BOX_REPORT_MAX);
}

static void test_lines(void **state)
{
	static const char text[] = "\n\none\n\x1b[0mtwo\xff\n\nthree";
	const char *at = text, *end = text + sizeof(text) - 1;
	char line[BLACK_BOX_LINE_MAX + 1];

	(void)state;
	assert_true(black_box_next_line(&at, end, line));
	assert_string_equal(line, "one");
	assert_true(black_box_next_line(&at, end, line));
	assert_string_equal(line, "?[0mtwo?");
	assert_true(black_box_next_line(&at, end, line));
	assert_string_equal(line, "three");
	assert_false(black_box_next_line(&at, end, line));
}

/* What is left of a run with one bit of it wrong. */
static void test_every_bit_counts(void **state)
{
	static const char command[] = "poke 0", report[] = "Panic: of no use\nat here\n";
	struct black_box_run *run = black_box_begin(box, SIZE, BUILD);
	uint8_t *bytes = (uint8_t *)run;
	size_t head = offsetof(struct black_box_run, reserved);

	(void)state;
	black_box_set_command(run, command, strlen(command));
	black_box_add_report(run, report, strlen(report));
	black_box_set_state(run, BLACK_BOX_PANIC);
	say(run, "a line of the log\n");
	for (size_t bit = 0; bit < 8 * sizeof(*run); bit++) {
		size_t length, byte = bit / 8;
		struct log_line line;
		uint32_t position = 0;

		bytes[byte] ^= (uint8_t)(1u << bit % 8);
		if (byte < head)
			assert_null(black_box_latest(box, SIZE));
		else
			assert_ptr_equal(black_box_latest(box, SIZE), run);
		assert_true(black_box_state(run) == BLACK_BOX_PANIC || black_box_state(run) == BLACK_BOX_UNKNOWN);
		/* The number is part of all checks, and checked itself before anybody looks at anything else. */
		if (byte >= head) {
			black_box_command(run, &length);
			assert_true(length == strlen(command) || length == 0);
			black_box_report(run, &length);
			assert_true(length == strlen(report) || length == 0);
		}
		if (byte >= head && black_box_log(run) != NULL && log_ring_next(&run->ring, &position, &line))
			assert_string_equal(line.text, "a line of the log");
		bytes[byte] ^= (uint8_t)(1u << bit % 8);
	}
}

/* A run is cut short at a random byte of what it wrote, as if only so much had left the cache; before it, other runs.
 */
static void test_half_written(void **state)
{
	struct dice dice = dice_take("test_black_box");
	static uint8_t before[SIZE];

	for (uint64_t rounds = dice_rounds(300); rounds > 0; rounds--) {
		const struct black_box_run *found;
		struct black_box_run *run;
		uint32_t position = 0;
		struct log_line line;
		size_t cut;

		start(state);
		black_box_begin(box, SIZE, BUILD);
		run = black_box_begin(box, SIZE, BUILD);
		for (unsigned int i = 0; i < 400; i++)
			say(run, "an old line that went before\n");
		black_box_begin(box, SIZE, BUILD);
		memcpy(before, box, SIZE);
		run = black_box_begin(box, SIZE, BUILD);
		for (uint64_t i = dice_below(&dice, 500); i > 0; i--)
			say(run, "new\n");
		cut = (size_t)((uint8_t *)run - box) + dice_below(&dice, sizeof(*run));
		if (dice_below(&dice, 2))
			memcpy(box + cut, before + cut, SIZE - cut);
		else
			memcpy(box, before, cut);
		found = black_box_latest(box, SIZE);
		assert_non_null(found);
		if (found != run)
			continue;
		while (black_box_log(run) != NULL && log_ring_next(&run->ring, &position, &line))
			assert_string_equal(line.text, "new");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_cold_memory, start),
	        cmocka_unit_test_setup(test_a_run, start),
	        cmocka_unit_test_setup(test_runs_take_turns, start),
	        cmocka_unit_test_setup(test_what_is_too_long_is_cut_off, start),
	        cmocka_unit_test_setup(test_lines, start),
	        cmocka_unit_test_setup(test_every_bit_counts, start),
	        cmocka_unit_test(test_half_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
