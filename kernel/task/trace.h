/*
 * What each CPU did last: a ring of switches, wakes and interrupts, with times. While nothing is recorded, each of them
 * costs one look at a flag. Rules:
 *  - Who records has interrupts off. Each CPU writes its own ring, so nothing is locked.
 *  - The rings are read only when recording has ended: trace_stop() returns when every CPU has left what it wrote.
 */
#ifndef TASK_TRACE_H
#define TASK_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/monitor_command.h"
#include "task/thread.h"

#define TRACE_EVENTS 2048u /* of each CPU: the latest */

enum trace_kind {
	TRACE_SWITCH, /* the thread of that name goes on, or begins */
	TRACE_IDLE,   /* the CPU sleeps */
	TRACE_WAKE,   /* here the thread or the task of that name is told to look */
	TRACE_INTERRUPT,
	TRACE_INTERRUPT_END,
};

struct trace_event {
	uint64_t when;  /* the time-stamp counter */
	uint32_t arrow; /* one number for a thread's wake and for the switch it led to; 0: none */
	uint8_t kind;   /* enum trace_kind */
	uint8_t vector;
	char name[THREAD_NAME_MAX]; /* a copy: threads end */
};

extern bool trace_is_recording;

/* [irq] For the scheduler: the thread goes on here; NULL: the CPU sleeps. */
void trace_record_slowly(enum trace_kind kind, struct thread *thread);

static inline void trace_record(enum trace_kind kind, struct thread *thread)
{
	if (__builtin_expect(trace_is_recording, 0))
		trace_record_slowly(kind, thread);
}

/* [init] Before what looks on at traps and wakes is sealed. */
void trace_start(void);

/* [thread] [task] Begins anew, on all CPUs that are online now. 0; or -ENOMEM, and there is no trace at all. */
int trace_begin(void);

/* [thread] [task] Ends it; what was recorded stays until trace_begin(). */
void trace_stop(void);

/* [thread] [task] When it began, by the time-stamp counter; 0: it never did. */
uint64_t trace_began(void);

/* [thread] [task] When it ended, behind all events, of a trace that did. */
uint64_t trace_ended(void);

/* [thread] [task] How many events of a CPU are there, and one of them; the first is the oldest. */
uint32_t trace_count(uint32_t cpu);
const struct trace_event *trace_event(uint32_t cpu, uint32_t number);

/* [any] What interrupts at this vector: "timer", "source 4". */
#define TRACE_VECTOR_TEXT_MAX 16
const char *trace_vector_name(uint8_t vector, char text[TRACE_VECTOR_TEXT_MAX]);

/* [task] Prints one CPU's events in the form that a browser's trace viewer reads (docs/watching.md), each with a comma
 * behind it; times are counted from `began`, with `hz` ticks a second, and what goes on at `ended` ends there. */
void trace_json_print(struct command_output *output, uint32_t cpu, uint64_t began, uint64_t ended, uint64_t hz);

#endif
