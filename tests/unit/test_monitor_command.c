#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "abi/errno.h"
#include "core/monitor_command.h"

struct output {
	struct command_output base; /* first: the two are one address */
	char text[200];
};

static void take(struct command_output *output, const char *text, size_t length)
{
	strncat(((struct output *)output)->text, text, length);
}

static int run(struct command_output *output, unsigned int count, char *const words[])
{
	command_print(output, "%u words, the last is %s", count, words[count - 1]);
	return 0;
}

/* The table that kernel.ld would make. */
const struct monitor_command linker_monitor_commands_start[] = {
        {"first", "A [B]", "the first", run, false},
        {"second", "", "the second", run, false},
};
_Static_assert(sizeof(linker_monitor_commands_start) == 80, "known to the line below");
__asm__(".globl linker_monitor_commands_end\n.set linker_monitor_commands_end, linker_monitor_commands_start + 80");

static void test_find_and_run(void **state)
{
	struct output output = {.base.write = take};
	char second[] = "second", x[] = "x";
	char *words[] = {second, x, NULL};
	const struct monitor_command *command = command_find("second");

	(void)state;
	assert_ptr_equal(command, &linker_monitor_commands_start[1]);
	assert_int_equal(command->run(&output.base, 2, words), 0);
	assert_string_equal(output.text, "2 words, the last is x");
	assert_null(command_find("sec"));
	assert_null(command_find("seconds"));
	assert_null(command_find(""));
}

static void test_refuse(void **state)
{
	struct output output = {.base.write = take};

	(void)state;
	assert_int_equal(command_refuse(&output.base, "first"), -EINVAL);
	assert_int_equal(command_refuse(&output.base, "second"), -EINVAL);
	assert_string_equal(output.text, "It is to be typed as: first A [B]\nIt is to be typed as: second\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_find_and_run), cmocka_unit_test(test_refuse)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
