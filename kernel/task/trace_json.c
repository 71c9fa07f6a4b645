/*
 * The form that browsers' trace viewers read ("Trace Event Format"): what begins (B) ends (E) on the same track, what
 * is inside ends first, and times ascend. A ring may have lost the beginning of something, and always lacks the end of
 * the last. An end bears the name of its beginning, as Chromium's performance panel wants it. A wake is a mark, and the
 * beginning of an arrow (s) if it was a thread's; the switch that it led to is the arrow's end (f). Of an arrow, either
 * may be lost.
 *
 * The tracks of one process are threads in that form: a CPU is thread CPU + 1 of process 1, for number 0 of either is
 * special to some viewers.
 */
#include "task/trace.h"
#include "time/clock.h"
#include "time/clock_sources.h"

/* One CPU's track while it is printed. */
struct track {
	struct command_output *output;
	uint32_t cpu;
	uint64_t began, us, ns; /* of the event that is printed; ns: below a microsecond */
	uint64_t scale;
	const char *thread; /* whose turn, or "idle", is to be ended; NULL: nothing is */
	bool in_interrupt;
	uint8_t vector; /* its */
};

/* Time on one CPU may begin a little before it did on another. */
static void set_time(struct track *track, uint64_t when)
{
	uint64_t ns = when > track->began ? clock_to_ns(when - track->began, track->scale) : 0;

	track->us = ns / 1000;
	track->ns = ns % 1000;
}

/* What has no category is refused by some viewers. */
static void print_start(const struct track *track, char phase, const char *category)
{
	command_print(track->output, "{\"ph\":\"%c\",\"cat\":\"%s\",\"pid\":1,\"tid\":%u,\"ts\":%lu.%03lu", phase,
	        category, track->cpu + 1, track->us, track->ns);
}

/* One end of it, which belongs to what stands around it. */
static void print_arrow(const struct track *track, char phase, uint32_t arrow)
{
	if (arrow == 0)
		return;
	print_start(track, phase, "wake");
	command_print(track->output, ",\"id\":%u,\"name\":\"wake\"%s},\n", arrow, phase == 'f' ? ",\"bp\":\"e\"" : "");
}

static void print_event(const struct track *track, char phase, const char *what, const char *name)
{
	char text[THREAD_NAME_MAX + 1];
	unsigned int length = 0;

	for (; length < THREAD_NAME_MAX && name[length] != '\0'; length++) {
		bool is_plain =
		        name[length] >= ' ' && name[length] <= '~' && name[length] != '"' && name[length] != '\\';

		text[length] = is_plain ? name[length] : '_';
	}
	text[length] = '\0';
	print_start(track, phase, "cpu");
	if (phase == 'i')
		command_print(track->output, ",\"s\":\"t\"");
	command_print(track->output, ",\"name\":\"%s%s\"},\n", what, text);
}

static void print_interrupt(const struct track *track, char phase)
{
	char text[TRACE_VECTOR_TEXT_MAX];

	print_event(track, phase, "", trace_vector_name(track->vector, text));
}

static void end_interrupt(struct track *track)
{
	if (track->in_interrupt)
		print_interrupt(track, 'E');
	track->in_interrupt = false;
}

static void begin_interrupt(struct track *track, uint8_t vector)
{
	end_interrupt(track);
	track->vector = vector;
	track->in_interrupt = true;
	print_interrupt(track, 'B');
}

static void end_thread(struct track *track)
{
	end_interrupt(track);
	if (track->thread != NULL)
		print_event(track, 'E', "", track->thread);
	track->thread = NULL;
}

static void begin_thread(struct track *track, const char *name)
{
	end_thread(track);
	print_event(track, 'B', "", name);
	track->thread = name;
}

static void print(struct track *track, const struct trace_event *event)
{
	set_time(track, event->when);
	switch ((enum trace_kind)event->kind) {
	case TRACE_SWITCH:
		begin_thread(track, event->name);
		print_arrow(track, 'f', event->arrow);
		break;
	case TRACE_IDLE:
		begin_thread(track, "idle");
		break;
	case TRACE_WAKE:
		print_event(track, 'i', "wake ", event->name);
		print_arrow(track, 's', event->arrow);
		break;
	case TRACE_INTERRUPT:
		begin_interrupt(track, event->vector);
		break;
	case TRACE_INTERRUPT_END:
		end_interrupt(track);
		break;
	}
}

void trace_json_print(struct command_output *output, uint32_t cpu, uint64_t began, uint64_t ended, uint64_t hz)
{
	struct track track = {.output = output, .cpu = cpu, .began = began, .scale = clock_scale(hz)};
	uint32_t count = trace_count(cpu);

	command_print(output,
	        "{\"ph\":\"M\",\"cat\":\"__metadata\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":"
	        "\"CPU %u\"}},\n",
	        cpu + 1, cpu);
	for (uint32_t i = 0; i < count; i++)
		print(&track, trace_event(cpu, i));
	set_time(&track, ended);
	end_thread(&track);
}
