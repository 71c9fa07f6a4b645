/*
 * trace: what the CPUs did last.
 */
#include "core/cpus.h"
#include "lib/number.h"
#include "lib/string.h"
#include "task/trace.h"
#include "time/clock.h"
#include "time/clock_sources.h"

#define SHOWN    40u
#define HZ_GUESS NS_PER_SECOND /* of a time-stamp counter that nobody could measure: then times have no unit */

static uint64_t hz(void)
{
	uint64_t measured = clock_sources_tsc()->hz;

	return measured != 0 ? measured : HZ_GUESS;
}

static int begin(struct command_output *output)
{
	int error = trace_begin();

	if (error < 0)
		command_print(output, "There is no memory for it.\n");
	else
		command_print(output, "Switches, wakes and interrupts are recorded: the latest %u of each CPU.\n",
		        TRACE_EVENTS);
	return error;
}

static void print_event(struct command_output *output, uint32_t cpu, const struct trace_event *event)
{
	static const char *const words[] = {[TRACE_SWITCH] = "runs",
	        [TRACE_IDLE] = "sleeps",
	        [TRACE_WAKE] = "wakes",
	        [TRACE_INTERRUPT] = "interrupt",
	        [TRACE_INTERRUPT_END] = "its end"};
	uint64_t ticks = event->when > trace_began() ? event->when - trace_began() : 0;
	uint64_t us = clock_to_ns(ticks, clock_scale(hz())) / 1000;
	bool is_interrupt = event->kind == TRACE_INTERRUPT || event->kind == TRACE_INTERRUPT_END;
	char text[TRACE_VECTOR_TEXT_MAX];

	command_print(output, "%6lu.%06lu  %3u  %-9s  %s\n", us / 1000000, us % 1000000, cpu, words[event->kind],
	        is_interrupt ? trace_vector_name(event->vector, text) : event->name);
}

/* The CPU whose next event is the oldest; CPUS_MAX: none has one. left[cpu] are to be printed still. */
static uint32_t find_oldest(const uint16_t left[])
{
	uint32_t oldest = CPUS_MAX;
	uint64_t when = UINT64_MAX;

	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		const struct trace_event *event;

		if (left[cpu] == 0)
			continue;
		event = trace_event(cpu, trace_count(cpu) - left[cpu]);
		if (event->when < when) {
			oldest = cpu;
			when = event->when;
		}
	}
	return oldest;
}

static int print_latest(struct command_output *output, uint64_t wanted)
{
	static uint16_t left[CPUS_MAX];
	uint64_t total = 0;
	uint32_t cpu;

	for (cpu = 0; cpu < cpus_count(); cpu++) {
		left[cpu] = (uint16_t)trace_count(cpu);
		total += left[cpu];
	}
	command_print(output, "  in seconds  CPU\n");
	for (; (cpu = find_oldest(left)) != CPUS_MAX; left[cpu]--, total--) {
		if (total <= wanted)
			print_event(output, cpu, trace_event(cpu, trace_count(cpu) - left[cpu]));
	}
	return 0;
}

/* The viewer bears no comma behind the last one; what is last here says when it was. */
static int print_json(struct command_output *output)
{
	command_print(output, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (trace_count(cpu) > 0)
			trace_json_print(output, cpu, trace_began(), trace_ended(), hz());
	}
	command_print(output, "{\"ph\":\"M\",\"cat\":\"__metadata\",\"pid\":1,\"name\":\"process_name\",\"args\":{"
	                      "\"name\":\"Cairn\"}}\n]}\n");
	return 0;
}

static int trace(struct command_output *output, unsigned int count, char *const words[])
{
	const char *word = count == 2 ? words[1] : "";
	uint64_t wanted = SHOWN;

	if (count > 2)
		return command_refuse(output, words[0]);
	if (strcmp(word, "on") == 0)
		return begin(output);
	if (count == 2 && strcmp(word, "off") != 0 && strcmp(word, "json") != 0 && !number_parse(word, 10, &wanted))
		return command_refuse(output, words[0]);
	trace_stop();
	if (strcmp(word, "off") == 0)
		return 0;
	if (trace_began() == 0) {
		command_print(output, "Nothing was recorded: `trace on` begins.\n");
		return 0;
	}
	return strcmp(word, "json") == 0 ? print_json(output) : print_latest(output, wanted);
}

MONITOR_COMMAND(trace, "[on|off|json|COUNT]", "records and prints switches, wakes, interrupts", trace);
