#include "core/panic.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "backtrace.h"
#include "core/log.h"
#include "core/symbols.h"
#include "cpu.h"
#include "lib/format.h"

#define CALLERS_MAX 32

static void (*end_of_machine)(void);

void panic_set_end(void (*end)(void))
{
	end_of_machine = end;
}

/* A function that calls itself fills a backtrace with one address: that is one line. */
static void print_caller(uint64_t address, size_t times)
{
	char text[SYMBOLS_TEXT_MAX];

	log_info("  %016lx  %s", address, symbols_describe(address, text));
	if (times > 1)
		log_info(", %zu times", times);
	log_info("\n");
}

void panic_print_callers(uint64_t innermost, uint64_t rbp)
{
	uint64_t addresses[CALLERS_MAX];
	size_t count = backtrace_walk(rbp, addresses, CALLERS_MAX);

	if (innermost != 0 || count != 0)
		log_detail("called from\n");
	if (innermost != 0)
		print_caller(innermost, 1);
	for (size_t i = 0, same; i < count; i += same) {
		for (same = 1; i + same < count && addresses[i + same] == addresses[i]; same++)
			;
		print_caller(addresses[i], same);
	}
	if (count == CALLERS_MAX)
		log_info("  and so on\n");
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
