/*
 * The table of the boot ledger, of invented steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/boot_ledger.h"
#include "host_output.h"
#include "time/boot_table.h"
#include "time/clock_sources.h"

static struct clock_source tsc;
static const struct boot_ledger_step *first;

uint64_t paging_direct_map;

const struct clock_source *clock_sources_tsc(void)
{
	return &tsc;
}

const struct boot_ledger_step *boot_ledger_first(void)
{
	return first;
}

static const struct boot_step loader[] = {{1000000, "reading"}, {3000, "memory map"}};
static const struct boot_info info = {
        .steps = (uint64_t)loader, .step_count = 2, .stamps = {{.tsc = 5000000}}, .stamp_count = 1};

static const char *table(uint64_t hz, const struct boot_ledger_step *steps)
{
	host_printed[0] = '\0';
	tsc.hz = hz;
	first = steps;
	boot_table_print(&host_output, &info);
	return host_printed;
}

static void test_table(void **state)
{
	struct boot_ledger_step prompt = {.name = "prompt", .tsc = 6603500};
	struct boot_ledger_step heap = {.name = "heap_start(info)", .tsc = 6503000, .next = &prompt};

	(void)state;
	assert_string_equal(table(1000000000, &heap),
	        "step                        TSC ticks         ms\n"
	        "reading                       1000000      1.000 █████████████████████████████\n"
	        "memory map                       3000      0.003\n"
	        "= loader                      1003000      1.003\n"
	        "heap_start                     500000      0.500 ██████████████▌\n"
	        "prompt                         100500      0.100 ███\n"
	        "= kernel                       600500      0.600\n"
	        "= all, to the prompt          1603500      1.603\n");
}

static void test_rate_not_known(void **state)
{
	struct boot_ledger_step only = {.name = "only", .tsc = 8003000};

	(void)state;
	assert_string_equal(table(0, &only),
	        "step                        TSC ticks   (the counter's rate is not known)\n"
	        "reading                       1000000 ██████████████▌\n"
	        "memory map                       3000\n"
	        "= loader                      1003000\n"
	        "only                          2000000 █████████████████████████████\n"
	        "= kernel                      2000000\n"
	        "= all, to the prompt          3003000\n");
}

/* Before the prompt, as a command on the command line is, or with a loader that says nothing. */
static void test_nothing_there(void **state)
{
	static const struct boot_info empty;

	(void)state;
	host_printed[0] = '\0';
	first = NULL;
	boot_table_print(&host_output, &empty);
	assert_non_null(strstr(host_printed, "= all, to the prompt                0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_table),
	        cmocka_unit_test(test_rate_not_known),
	        cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
