/* How mkimage gives up. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mkimage.h"

void fail(const char *file, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "mkimage: %s%s", file ? file : "", file ? ": " : "");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

void signals_catch(void (*handler)(int number), int flags)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, before;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigaction(ends[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(ends[i], &action, NULL);
}

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		fail(NULL, "not enough memory for %zu bytes", size);
	return memory;
}
