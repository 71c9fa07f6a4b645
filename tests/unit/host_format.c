/*
 * The kernel's formatting, done by the C library: for tests that are about something else.
 */
#include <stdio.h>

#include "lib/format.h"

size_t format_string(char *buffer, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(buffer, size, format, args);
	va_end(args);
	return (size_t)length;
}
