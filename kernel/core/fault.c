#include "core/fault.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/exceptions.h"
#include "core/fault_report.h"
#include "core/lines.h"
#include "core/log.h"
#include "core/panic.h"
#include "core/places.h"
#include "core/spinlock.h"
#include "core/stop.h"
#include "core/symbols.h"
#include "cpu.h"
#include "machine_check.h"
#include "percpu.h"
#include "trap.h"

/* Faults inside reports after which nothing more is said, and then not even tried. */
enum { DEPTH_SILENT = 3, DEPTH_HOPELESS = 5 };

/* The reports under way on a CPU: more than one if reporting itself faults. */
struct reports {
	unsigned int depth;
	struct fault first;
	uint32_t held; /* locks, when it began */
	bool expects;  /* fault_try() runs */
};

static PERCPU(struct reports, reports);

/* A part of a report on its way through trap_try(). */
struct attempt {
	fault_report_part *part;
	const struct fault *fault;
};

static void run_attempt(void *context)
{
	const struct attempt *attempt = context;

	attempt->part(attempt->fault);
}

/* A part that faults is left out, the others are printed. */
static void print_report(const struct fault *fault)
{
	for (size_t i = 0; fault_report_parts[i] != NULL; i++) {
		struct attempt attempt = {fault_report_parts[i], fault};

		trap_try(run_attempt, &attempt);
	}
}

static const char *name_of(const struct trap_frame *f)
{
	return exceptions_find((unsigned int)f->vector)->name;
}

static void print_nested(const struct reports *mine, const struct trap_frame *f)
{
	char text[SYMBOLS_TEXT_MAX], place[LINES_TEXT_MAX];
	uint64_t first = mine->first.frame.rip;

	log_error("\n%s while reporting, at %s%s, address %016lx\n", name_of(f), symbols_describe(f->rip, text),
	        lines_describe(f->rip, place), cpu_read_cr2());
	fault_report_print_callers(f);
	log_error("What is being reported: %s at %s%s\n", name_of(&mine->first.frame), symbols_describe(first, text),
	        lines_describe(first, place));
}

/*
 * Back to the report, unless its own stack was just overwritten: a second double fault begins at the same place as the
 * first. It ends early if even this cannot be said, and at once if the end itself faults.
 */
static _Noreturn void handle_fault_in_report(struct reports *mine, const struct trap_frame *f)
{
	bool overwritten = f->vector == TRAP_DOUBLE_FAULT && mine->first.frame.vector == TRAP_DOUBLE_FAULT;
	/* What a fault left locked stays so: then nobody may go on. */
	bool goes_on = trap_is_trying() && !overwritten && spin_held() == mine->held;

	if (!goes_on)
		panic_begin(BLACK_BOX_FAULT);
	if (mine->depth < DEPTH_SILENT)
		print_nested(mine, f);
	if (goes_on) {
		mine->depth = 1;
		trap_abandon();
	}
	if (mine->depth < DEPTH_HOPELESS)
		panic_end();
	cpu_stop();
}

static bool is_survivable(uint64_t vector)
{
	return vector == TRAP_BREAKPOINT || vector == TRAP_NMI;
}

static __attribute__((format(printf, 1, 2))) void note_reason(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	stop_note(format, args);
	va_end(args);
}

static void report(struct reports *mine, struct trap_frame *f)
{
	bool survivable = is_survivable(f->vector);
	char text[SYMBOLS_TEXT_MAX];

	mine->first.frame = *f;
	mine->held = spin_held();
	mine->first.address = cpu_read_cr2();
	if (!survivable) {
		note_reason("%s in %s", name_of(f), symbols_describe(f->rip, text));
		panic_begin(BLACK_BOX_FAULT);
	}
	print_report(&mine->first);
	if (!survivable)
		panic_end();
}

static bool is_expected(const struct reports *mine, const struct trap_frame *f)
{
	return mine->expects && mine->depth == 0 &&
	       (f->vector == TRAP_PAGE_FAULT || f->vector == TRAP_GENERAL_PROTECTION);
}

static void handle_trap(struct trap_frame *f)
{
	struct reports *mine = percpu(reports);

	if (f->vector == TRAP_NMI && stop_is_wanted()) {
		stop_note_place(f->rip, f->rbp);
		stop_here();
	}
	if (is_expected(mine, f))
		trap_abandon();
	if (f->vector >= TRAP_EXCEPTIONS) {
		log_warning("Interrupt %lu came, but nobody expects it.\n", f->vector);
		return;
	}
	mine->depth++;
	if (mine->depth == 1)
		report(mine, f);
	else if (f->vector == TRAP_NMI)
		log_warning("An NMI came in the middle of this report.\n");
	else
		handle_fault_in_report(mine, f);
	mine->depth--;
}

bool fault_try(void (*function)(void *context), void *context)
{
	uint64_t flags = cpu_interrupts_save();
	struct reports *mine = percpu(reports);
	bool done;

	mine->expects = true;
	done = trap_try(function, context);
	mine->expects = false;
	cpu_interrupts_restore(flags);
	return done;
}

bool fault_is_reporting(void)
{
	return percpu(reports)->depth > 0;
}

void fault_start(const struct boot_info *info)
{
	trap_start(handle_trap);
	machine_check_start();
	places_start(info);
}
