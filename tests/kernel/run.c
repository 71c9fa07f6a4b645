/*
 * Runs the tests when the command line says `test`, or `test=NAME` for those whose names begin so, and ends the
 * machine.
 */
#include "kernel_test.h"

#include "core/boot_word.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/string.h"
#include "machine_end.h"

enum outcome { PASSED, FAILED, SKIPPED, OUTCOMES };

static enum outcome outcome; /* of the test that runs */

void kernel_test_fail(const char *file, int line, const char *condition)
{
	outcome = FAILED;
	log_error("FAILED\n  %s:%d: %s\n", file, line, condition);
}

void kernel_test_skip(const char *reason)
{
	outcome = SKIPPED;
	log_warning("skipped: %s\n", reason);
}

static enum outcome run_one(const struct kernel_test *test, const struct boot_info *info)
{
	outcome = PASSED;
	log_info("test %s ... ", test->name);
	test->run(info);
	if (outcome == PASSED)
		log_info("ok\n");
	return outcome;
}

/* In one piece: whoever reads along takes it for the end. */
static void print_total(const unsigned int counts[OUTCOMES])
{
	if (counts[SKIPPED] > 0)
		log_title("%u passed, %u failed, %u skipped\n", counts[PASSED], counts[FAILED], counts[SKIPPED]);
	else
		log_title("%u passed, %u failed\n", counts[PASSED], counts[FAILED]);
}

static void run_tests(const struct boot_info *info, const char *value, size_t value_length)
{
	unsigned int counts[OUTCOMES] = {0};

	panic_set_end(machine_end_failed);
	for (const struct kernel_test *test = linker_tests_start; test != linker_tests_end; test++) {
		if (strncmp(test->name, value, value_length) == 0)
			counts[run_one(test, info)]++;
	}
	print_total(counts);
	log_drain();
	/* No test at all is no success: the list may have got lost. */
	machine_end(counts[FAILED] == 0 && counts[PASSED] > 0);
}

BOOT_WORD(test, "runs the tests and ends the machine; test=NAME only those that begin so", run_tests);
