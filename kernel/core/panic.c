#include "core/panic.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "backtrace.h"
#include "core/lines.h"
#include "core/log.h"
#include "core/running_thread.h"
#include "core/stop.h"
#include "core/symbols.h"
#include "cpu.h"
#include "lib/format.h"
#include "linker.h"

#define LINES_MAX 32

static void (*end_of_machine)(void);
static bool place_is_said;

void panic_set_end(void (*end)(void))
{
	end_of_machine = end;
}

static void print_caller(const struct backtrace *at, size_t times)
{
	char text[SYMBOLS_TEXT_MAX], place[LINES_TEXT_MAX];

	log_info("  %016lx  %s%s", at->address,
	        at->interrupted ? symbols_describe(at->address, text) : symbols_describe_caller(at->address, text),
	        lines_describe(at->interrupted ? at->address : at->address - 1, place));
	if (times > 1)
		log_info(", %zu times", times);
	log_info("\n");
}

/* In every report: no address in it says anything to who does not know where the kernel was this time. */
static void say_place(const char *before)
{
	log_info("%s(kernel %08x at %016lx)\n", before, symbol_build, (uint64_t)linker_image_start);
	place_is_said = true;
}

/* A function that calls itself fills a backtrace with one address: that is one line. */
unsigned int panic_print_callers(uint64_t innermost, uint64_t rbp)
{
	struct backtrace trace = {.rbp = rbp, .address = innermost};
	bool has_callers = innermost != 0 || backtrace_next(&trace);
	unsigned int lines = 0;

	say_place(has_callers ? "called from " : "no callers are known ");
	if (!has_callers)
		return 0;
	while (lines++ < LINES_MAX) {
		struct backtrace at = trace;
		size_t times = 1;
		bool more;

		while ((more = backtrace_next(&trace)) && trace.address == at.address)
			times++;
		print_caller(&at, times);
		if (!more)
			return lines;
	}
	log_info("  and so on\n");
	return lines;
}

void panic_begin(enum black_box_state state)
{
	if (!stop_others())
		stop_here();
	black_box_end(state);
	log_enter_emergency();
	place_is_said = false;
}

void panic_end(void)
{
	if (!place_is_said)
		say_place("");
	stop_print_others();
	log_error("The system has stopped.\n");
	log_drain();
	if (end_of_machine != NULL)
		end_of_machine();
	cpu_stop();
}

static void put_error(void *context, const char *text, size_t length)
{
	(void)context;
	log_print(LOG_ERROR, "%.*s", (int)length, text);
}

void panic(const char *format, ...)
{
	static bool panicking;
	va_list args;

	cpu_disable_interrupts();
	va_start(args, format);
	stop_note(format, args);
	va_end(args);
	panic_begin(BLACK_BOX_PANIC);
	log_error("\nPanic: ");
	va_start(args, format);
	format_args(put_error, NULL, format, args);
	va_end(args);
	log_error("\n");
	if (running_thread_name() != NULL)
		log_error("in thread %s\n", running_thread_name());
	/* A panic while panicking: what it has to say was said, another backtrace would only do the same again. */
	if (!panicking) {
		panicking = true;
		panic_print_callers(0, backtrace_here());
	}
	panic_end();
}
