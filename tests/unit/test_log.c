#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/log.h"
#include "core/panic.h"
#include "core/spinlock.h"

static char said[1000];
static const char *print_within;

void panic(const char *format, ...)
{
	fail_msg("panic: %s", format);
	abort();
}

static void take(char kind, const char *text, size_t length)
{
	size_t at = strlen(said);

	assert_true(at + length + 4 < sizeof(said));
	snprintf(said + at, sizeof(said) - at, "%c<%.*s>", kind, (int)length, text);
}

/* An NMI comes while it writes. */
static void take_text(enum log_level level, const char *text, size_t length)
{
	const char *within = print_within;

	(void)level;
	take('w', text, length);
	print_within = NULL;
	if (within != NULL)
		log_error("%s", within);
}

static void take_emergency(enum log_level level, const char *text, size_t length)
{
	(void)level;
	take('e', text, length);
}

static void assert_said(const char *expected)
{
	assert_string_equal(said, expected);
	said[0] = '\0';
}

static void test_lines(void **state)
{
	(void)state;
	log_info("%d lines\n", 2);
	log_info("%s", "");
	log_write("\x1b[2J", 4);
	assert_said("w<2 lines\n>w<\x1b[2J>");
}

static void test_a_footer_stays_below(void **state)
{
	(void)state;
	log_set_footer("H", 1, "S", 1);
	log_info("whole\n");
	assert_said("w<H>w<whole\n>w<S>");
	log_info("begun ");
	log_info("and ");
	assert_said("w<H>w<begun >w<and >");
	log_write("raw", 3);
	log_info("ended\n");
	assert_said("w<raw>w<ended\n>w<S>");
	log_set_footer(NULL, 0, NULL, 0);
	log_info("without\n");
	assert_said("w<without\n>");
}

static void test_who_prints_from_within_printing(void **state)
{
	(void)state;
	print_within = "inner\n";
	log_info("outer\n");
	assert_said("w<outer\n>e<inner\n>");
}

/* An NMI in the middle of what is locked by a lock of higher rank than the log's. */
static void test_who_prints_under_a_higher_lock(void **state)
{
	static struct spinlock lock = SPINLOCK(RANK_SERIAL, "higher");
	uint64_t flags = spin_lock(&lock);

	(void)state;
	log_info("within\n");
	assert_said("e<within\n>");
	spin_unlock(&lock, flags);
}

static void test_what_is_kept(void **state)
{
	uint32_t position = 0;
	struct log_line line;
	unsigned int lines = 0;

	(void)state;
	host_cpu.tsc = 77;
	log_warning("kept %d\n", 1);
	log_write("not kept\n", 9);
	while (log_read(&position, &line))
		lines++;
	assert_true(lines > 0);
	assert_string_equal(line.text, "kept 1");
	assert_int_equal(line.level, LOG_WARNING);
	assert_int_equal(line.stamp, 77);
	said[0] = '\0';
}

static struct log_ring ring, outlives; /* the latter has what the keeper was told of */

static void write_back(uint32_t changed)
{
	memcpy(&outlives, &ring, offsetof(struct log_ring, bytes));
	for (; changed != ring.end; changed++)
		outlives.bytes[changed % LOG_RING_SIZE] = ring.bytes[changed % LOG_RING_SIZE];
}

static const char *line_of(const char *words, unsigned int round)
{
	static char line[40];

	snprintf(line, sizeof(line), "%s %u", words, round);
	return line;
}

static unsigned int count_lines(const struct log_ring *in, const char *last)
{
	uint32_t position = 0;
	struct log_line line;
	unsigned int lines = 0;

	while (log_ring_next(in, &position, &line))
		lines++;
	assert_string_equal(line.text, last);
	return lines;
}

/* Whole lines, several in one call, and lines in pieces: caches may lose all that the keeper does not know of. */
static void test_a_keeper_knows_of_all_that_is_new(void **state)
{
	static const struct log_keeper keeper = {.ring = &ring, .kept = write_back};

	(void)state;
	memset(&outlives, 0xee, sizeof(outlives));
	log_ring_start(&ring, 1);
	log_keep_in(&keeper);
	for (unsigned int round = 0; round < 1000; round++) {
		log_keep(LOG_INFO, "one\ntwo\nthree %u\n", round);
		assert_int_equal(
		        count_lines(&outlives, line_of("three", round)), count_lines(&ring, line_of("three", round)));
		log_keep(LOG_INFO, "it goes ");
		log_keep(LOG_INFO, "on\nand on %u", round);
		assert_int_equal(
		        count_lines(&outlives, line_of("and on", round)), count_lines(&ring, line_of("and on", round)));
		log_keep(LOG_INFO, "\n");
	}
	log_keep_in(NULL);
}

/* Stands last: there is no way back. */
static void test_emergency(void **state)
{
	(void)state;
	log_set_footer("H", 1, "S", 1);
	log_enter_emergency();
	log_error("down\n");
	log_error("and out\n");
	log_write("raw", 3);
	host_cpu.number = 1; /* it did not stop */
	log_error("but I\n");
	log_write("I", 1);
	assert_said("e<H>e<down\n>e<and out\n>e<raw>");
}

int main(void)
{
	static const struct log_sink sink = {.write = take_text, .emergency = take_emergency};
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_lines),
	        cmocka_unit_test(test_a_footer_stays_below),
	        cmocka_unit_test(test_who_prints_from_within_printing),
	        cmocka_unit_test(test_who_prints_under_a_higher_lock),
	        cmocka_unit_test(test_what_is_kept),
	        cmocka_unit_test(test_a_keeper_knows_of_all_that_is_new),
	        cmocka_unit_test(test_emergency),
	};

	log_add_sink(&sink);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
