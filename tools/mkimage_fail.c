/* How mkimage gives up. */
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

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		fail(NULL, "not enough memory for %zu bytes", size);
	return memory;
}
