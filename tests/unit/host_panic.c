#include "host_panic.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/panic.h"

static int to_parent = -1; /* in the child */

void panic(const char *format, ...)
{
	char text[HOST_PANIC_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (to_parent < 0) {
		fprintf(stderr, "Panic: %s\n", text);
		abort();
	}
	dprintf(to_parent, "%s", text);
	_exit(0);
}

const char *host_panic_of(void (*function)(void))
{
	static char text[HOST_PANIC_TEXT_MAX];
	size_t length = 0;
	ssize_t got;
	int ends[2];
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0)
		abort();
	if (child == 0) {
		to_parent = ends[1];
		function();
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)got;
	close(ends[0]);
	waitpid(child, NULL, 0);
	text[length] = '\0';
	return text;
}
