/*
 * The trace in the form that viewers read, of invented events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host_output.h"
#include "task/trace.h"

#define HZ    1000000000u /* a tick is a nanosecond */
#define ENDED 9000u

static const struct trace_event *events;
static uint32_t count;

uint32_t trace_count(uint32_t cpu)
{
	(void)cpu;
	return count;
}

const struct trace_event *trace_event(uint32_t cpu, uint32_t number)
{
	(void)cpu;
	return &events[number];
}

const char *trace_vector_name(uint8_t vector, char text[TRACE_VECTOR_TEXT_MAX])
{
	return vector == 1 ? "timer" : strcpy(text, "kick");
}

/* What is printed behind the track's name. */
static const char *printed(uint32_t cpu, const struct trace_event *its, uint32_t its_count)
{
	events = its;
	count = its_count;
	host_printed[0] = '\0';
	trace_json_print(&host_output, cpu, 1000, ENDED, HZ);
	return strchr(host_printed, '\n') + 1;
}
#define PRINTED(cpu, ...)                                                                                              \
	printed(cpu, (const struct trace_event[]){__VA_ARGS__},                                                        \
	        sizeof((struct trace_event[]){__VA_ARGS__}) / sizeof(struct trace_event))

static void test_a_track_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(printed(3, NULL, 0), "");
	assert_string_equal(host_printed,
	        "{\"ph\":\"M\",\"cat\":\"__metadata\",\"pid\":1,\"tid\":4,\"name\":\"thread_name\",\"args\":{\"name\":"
	        "\"CPU 3\"}},\n");
}

static void test_one_ends_when_another_begins(void **state)
{
	(void)state;
	assert_string_equal(
	        PRINTED(0, {.when = 1000, .kind = TRACE_SWITCH, .name = "copy"}, {.when = 2500, .kind = TRACE_IDLE}),
	        "{\"ph\":\"B\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":0.000,\"name\":\"copy\"},\n"
	        "{\"ph\":\"E\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":1.500,\"name\":\"copy\"},\n"
	        "{\"ph\":\"B\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":1.500,\"name\":\"idle\"},\n"
	        "{\"ph\":\"E\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":8.000,\"name\":\"idle\"},\n");
}

/* An interrupt whose end leads to a switch has ended then; its own end comes when its thread goes on, and is none. */
static void test_an_interrupt_stands_in_a_thread(void **state)
{
	(void)state;
	assert_string_equal(PRINTED(0, {.when = 1001, .kind = TRACE_SWITCH, .name = "a"},
	                            {.when = 1002, .kind = TRACE_INTERRUPT, .vector = 1},
	                            {.when = 1003, .kind = TRACE_SWITCH, .name = "b"},
	                            {.when = 1004, .kind = TRACE_INTERRUPT_END, .vector = 1}),
	        "{\"ph\":\"B\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":0.001,\"name\":\"a\"},\n"
	        "{\"ph\":\"B\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":0.002,\"name\":\"timer\"},\n"
	        "{\"ph\":\"E\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":0.003,\"name\":\"timer\"},\n"
	        "{\"ph\":\"E\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":0.003,\"name\":\"a\"},\n"
	        "{\"ph\":\"B\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":0.003,\"name\":\"b\"},\n"
	        "{\"ph\":\"E\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":8.000,\"name\":\"b\"},\n");
}

static void test_a_ring_that_has_lost_the_beginning(void **state)
{
	(void)state;
	assert_string_equal(PRINTED(0, {.when = 3000, .kind = TRACE_INTERRUPT_END, .vector = 2},
	                            {.when = 4000, .kind = TRACE_INTERRUPT, .vector = 2}),
	        "{\"ph\":\"B\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":3.000,\"name\":\"kick\"},\n"
	        "{\"ph\":\"E\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":8.000,\"name\":\"kick\"},\n");
}

static void test_an_arrow_has_two_ends(void **state)
{
	(void)state;
	assert_string_equal(PRINTED(1, {.when = 2000, .kind = TRACE_WAKE, .arrow = 257, .name = "b"},
	                            {.when = 3000, .kind = TRACE_SWITCH, .arrow = 257, .name = "b"}),
	        "{\"ph\":\"i\",\"cat\":\"cpu\",\"pid\":1,\"tid\":2,\"ts\":1.000,\"s\":\"t\",\"name\":\"wake b\"},\n"
	        "{\"ph\":\"s\",\"cat\":\"wake\",\"pid\":1,\"tid\":2,\"ts\":1.000,\"id\":257,\"name\":\"wake\"},\n"
	        "{\"ph\":\"B\",\"cat\":\"cpu\",\"pid\":1,\"tid\":2,\"ts\":2.000,\"name\":\"b\"},\n"
	        "{\"ph\":\"f\",\"cat\":\"wake\",\"pid\":1,\"tid\":2,\"ts\":2.000,\"id\":257,\"name\":\"wake\",\"bp\":"
	        "\"e\"},\n"
	        "{\"ph\":\"E\",\"cat\":\"cpu\",\"pid\":1,\"tid\":2,\"ts\":8.000,\"name\":\"b\"},\n");
	assert_string_equal(PRINTED(1, {.when = 2000, .kind = TRACE_WAKE, .name = "task"}),
	        "{\"ph\":\"i\",\"cat\":\"cpu\",\"pid\":1,\"tid\":2,\"ts\":1.000,\"s\":\"t\",\"name\":\"wake "
	        "task\"},\n");
}

/* Clocks of CPUs may differ a little, and a name may be anything. */
static void test_what_json_does_not_bear(void **state)
{
	(void)state;
	assert_string_equal(PRINTED(0, {.when = 999, .kind = TRACE_WAKE, .name = "a\"b\\c\n\xe9"}),
	        "{\"ph\":\"i\",\"cat\":\"cpu\",\"pid\":1,\"tid\":1,\"ts\":0.000,\"s\":\"t\",\"name\":\"wake "
	        "a_b_c__\"},\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_track_has_a_name),
	        cmocka_unit_test(test_one_ends_when_another_begins),
	        cmocka_unit_test(test_an_interrupt_stands_in_a_thread),
	        cmocka_unit_test(test_a_ring_that_has_lost_the_beginning),
	        cmocka_unit_test(test_an_arrow_has_two_ends),
	        cmocka_unit_test(test_what_json_does_not_bear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
