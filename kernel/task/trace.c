#include "task/trace.h"

#include "abi/errno.h"
#include "core/cpus.h"
#include "core/cross_call.h"
#include "cpu.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "task/task.h"
#include "trap.h"
#include "vectors.h"

struct ring {
	struct trace_event *events; /* NULL: its CPU does not record */
	uint64_t count;             /* all there were; the latest are kept */
};
static PERCPU(struct ring, ring);

bool trace_is_recording;
static uint64_t began, ended;

static void record(struct trace_event event, const char *name)
{
	struct ring *mine = percpu(ring);
	struct trace_event *place;

	if (mine->events == NULL)
		return;
	place = &mine->events[mine->count++ % TRACE_EVENTS];
	event.when = cpu_read_tsc();
	*place = event;
	memcpy(place->name, name, strnlen(name, THREAD_NAME_MAX - 1));
}

void trace_record_slowly(enum trace_kind kind, struct thread *thread)
{
	uint32_t arrow = thread != NULL ? __atomic_exchange_n(&thread->woken_by, 0, __ATOMIC_RELAXED) : 0;

	record((struct trace_event){.kind = (uint8_t)kind, .arrow = arrow}, thread != NULL ? thread->name : "");
}

/* Numbers that no two wakes have, of whichever CPU, until the ring has gone round more often than anybody waits. */
static uint32_t next_arrow(void)
{
	return (uint32_t)(percpu(ring)->count + 1) % (UINT32_MAX / CPUS_MAX) * CPUS_MAX + percpu_cpu() + 1;
}

/* He is not in a queue yet, so he does not go on before his number is there. */
static void observe_wake(struct waker *waker)
{
	uint64_t flags = cpu_interrupts_save();
	struct thread *thread = thread_of(waker);
	struct task *task = thread == NULL ? task_of(waker) : NULL;
	struct trace_event event = {.kind = TRACE_WAKE};

	if (trace_is_recording && thread != NULL) {
		event.arrow = next_arrow();
		__atomic_store_n(&thread->woken_by, event.arrow, __ATOMIC_RELAXED);
		record(event, thread->name);
	} else if (trace_is_recording && task != NULL) {
		record(event, task_future(task)->type->name);
	}
	cpu_interrupts_restore(flags);
}

/* No exceptions: an NMI comes between any two instructions, those above among them. */
static void observe_trap(const struct trap_frame *frame, bool begins)
{
	if (trace_is_recording && frame->vector >= TRAP_EXCEPTIONS)
		record((struct trace_event){.kind = begins ? TRACE_INTERRUPT : TRACE_INTERRUPT_END,
		               .vector = (uint8_t)frame->vector},
		        "");
}

void trace_start(void)
{
	trap_set_observer(observe_trap);
	waker_set_observer(observe_wake);
}

static void do_nothing(void *context)
{
	(void)context;
}

/* Who was recording did so with interrupts off: when all have answered, nobody is any more. */
void trace_stop(void)
{
	bool was_recording = __atomic_exchange_n(&trace_is_recording, false, __ATOMIC_SEQ_CST);

	trap_observe(false);
	waker_observe(false);
	cross_call_others(do_nothing, NULL);
	if (was_recording)
		ended = cpu_read_tsc();
}

static int prepare(uint32_t cpu)
{
	struct ring *its = percpu_of(ring, cpu);

	its->count = 0;
	if (its->events == NULL)
		its->events = kzalloc(TRACE_EVENTS * sizeof(*its->events));
	return its->events != NULL ? 0 : -ENOMEM;
}

/* Of some CPUs only it would be no trace, and others need the memory. */
static void give_rings_back(void)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (!cpus_is_online(cpu))
			continue;
		kfree(percpu_of(ring, cpu)->events);
		*percpu_of(ring, cpu) = (struct ring){.events = NULL};
	}
	began = 0;
}

int trace_begin(void)
{
	trace_stop();
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu) && prepare(cpu) < 0) {
			give_rings_back();
			return -ENOMEM;
		}
	}
	for (struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread))
		__atomic_store_n(&thread->woken_by, 0, __ATOMIC_RELAXED);
	began = cpu_read_tsc();
	trap_observe(true);
	waker_observe(true);
	__atomic_store_n(&trace_is_recording, true, __ATOMIC_SEQ_CST);
	cross_call_others(do_nothing, NULL); /* so that one which sleeps all the while has something to show, too */
	return 0;
}

uint64_t trace_began(void)
{
	return began;
}

uint64_t trace_ended(void)
{
	return ended;
}

uint32_t trace_count(uint32_t cpu)
{
	uint64_t count;

	if (!cpus_is_online(cpu))
		return 0;
	count = percpu_of(ring, cpu)->count;
	return count < TRACE_EVENTS ? (uint32_t)count : TRACE_EVENTS;
}

const struct trace_event *trace_event(uint32_t cpu, uint32_t number)
{
	const struct ring *its = percpu_of(ring, cpu);
	uint64_t first = its->count - trace_count(cpu);

	return &its->events[(first + number) % TRACE_EVENTS];
}

const char *trace_vector_name(uint8_t vector, char text[TRACE_VECTOR_TEXT_MAX])
{
	if (vector == VECTOR_TIMER)
		return "timer";
	if (vector == VECTOR_KICK)
		return "kick";
	if (vector == VECTOR_CALL)
		return "call";
	if (vector >= VECTOR_SOURCES && vector < VECTOR_SOURCES_END)
		format_string(text, TRACE_VECTOR_TEXT_MAX, "source %u", vector - VECTOR_SOURCES);
	else if (vector >= VECTOR_8259 && vector < VECTOR_SOURCES)
		format_string(text, TRACE_VECTOR_TEXT_MAX, "line %u", vector - VECTOR_8259);
	else
		format_string(text, TRACE_VECTOR_TEXT_MAX, "vector %u", vector);
	return text;
}
