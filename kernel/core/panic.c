#include "core/panic.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "backtrace.h"
#include "core/lines.h"
#include "core/log.h"
#include "core/symbols.h"
#include "cpu.h"
#include "lib/format.h"

#define LINES_MAX 32

static void (*end_of_machine)(void);

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

/* A function that calls itself fills a backtrace with one address: that is one line. */
unsigned int panic_print_callers(uint64_t innermost, uint64_t rbp)
{
	struct backtrace trace = {.rbp = rbp, .address = innermost};
	unsigned int lines = 0;

	if (innermost == 0 && !backtrace_next(&trace))
		return 0;
	log_detail("called from (kernel %08x)\n", symbol_build);
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

void panic_end(void)
{
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
	log_enter_emergency();
	log_error("\nPanic: ");
	va_start(args, format);
	format_args(put_error, NULL, format, args);
	va_end(args);
	log_error("\n");
	/* A panic while panicking: what it has to say was said, another backtrace would only do the same again. */
	if (!panicking) {
		panicking = true;
		panic_print_callers(0, backtrace_here());
	}
	panic_end();
}
