#include "host_task.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "host_thread.h"

#include "core/cpus.h"
#include "core/log.h"
#include "core/panic.h"
#include "mm/heap.h"
#include "time/clock.h"
#include "time/clock_sources.h"
#include "time/timer.h"

struct host_tasks host_tasks;

uint64_t clock_monotonic_ns(void)
{
	return host_tasks.now;
}

uint64_t clock_patience_ns(void)
{
	return UINT64_MAX;
}

void clock_check(void) {}

void cpus_kick(uint32_t cpu)
{
	(void)cpu;
}

/* What the pools took, which is for ever: so that it does not look lost. */
static void *volatile kept[10000];

void *kmalloc(size_t size)
{
	void *block = host_tasks.is_dry ? NULL : aligned_alloc(4096, (size + 4095) / 4096 * 4096);

	if (block != NULL) {
		memset(block, 0xa5, size);
		kept[host_tasks.allocated++] = block;
	}
	return block;
}

static void keep(const char *format, va_list args)
{
	size_t length = strlen(host_tasks.log);

	vsnprintf(host_tasks.log + length, sizeof(host_tasks.log) - length, format, args);
}

void log_print(enum log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	keep(format, args);
	va_end(args);
}

void log_keep(enum log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	keep(format, args);
	va_end(args);
}

/* The time-stamp counter is host_cpu.tsc, which the test moves. */
const struct clock_source *clock_sources_tsc(void)
{
	static const struct clock_source tsc = {.name = "TSC", .hz = NS_PER_SECOND, .bits = 64};

	return &tsc;
}

_Noreturn void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(host_tasks.panic_text, sizeof(host_tasks.panic_text), format, args);
	va_end(args);
	if (host_tasks.on_panic != NULL)
		longjmp(*host_tasks.on_panic, 1);
	fail_msg("panic: %s", host_tasks.panic_text);
	abort();
}

static void arm(uint64_t ns)
{
	host_tasks.event_at = host_tasks.now + ns;
}

static const struct timer_event event = {"an event", arm};

static void interrupt(void)
{
	host_tasks.event_at = UINT64_MAX;
	cpu_disable_interrupts();
	timer_interrupt();
	cpu_enable_interrupts();
}

static void wait(void)
{
	if (host_tasks.interrupt != NULL) {
		host_tasks.interrupt();
		return;
	}
	if (host_tasks.event_at == UINT64_MAX)
		fail_msg("the CPU sleeps and nothing will ever wake it");
	if (host_tasks.now < host_tasks.event_at)
		host_tasks.now = host_tasks.event_at;
	interrupt();
}

/* Ends what the test before left behind. */
static void cancel_all(void)
{
	for (struct task *task = executor_here()->slots; task != NULL; task = task->next_slot)
		task_cancel(task, task_generation(task));
	host_tasks_run();
}

void host_tasks_start(void)
{
	unsigned int allocated = host_tasks.allocated;

	cancel_all();

	host_tasks = (struct host_tasks){.now = 1000, .event_at = UINT64_MAX, .allocated = allocated};
	host_cpu.wait = wait;
	timer_use_event(&event);
	host_thread_start(NULL);
	executor_start();
}

void host_tasks_run(void)
{
	while (executor_run_ready(executor_here()) != 0)
		;
}

void host_tasks_pass(uint64_t ns)
{
	uint64_t end = host_tasks.now + ns;

	host_tasks_run();
	while (host_tasks.event_at <= end) {
		if (host_tasks.now < host_tasks.event_at)
			host_tasks.now = host_tasks.event_at;
		interrupt();
		host_tasks_run();
	}
	host_tasks.now = end;
}
