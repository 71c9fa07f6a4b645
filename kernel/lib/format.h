/*
 * printf's language: %s %c %d %i %u %x %X %p %%, with l, ll, z, j, the flags 0 - + #, width and precision (also `*`).
 * No %n, no floating point. A conversion it does not know is printed as it stands, so that the mistake is seen.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* [any] Hands the text to `put` piece by piece, each of `length` bytes without a zero byte; returns the sum of lengths.
 */
size_t format_args(void (*put)(void *context, const char *text, size_t length), void *context, const char *format,
        va_list args) __attribute__((format(printf, 3, 0)));

/*
 * [any] Writes what fits into `size` bytes, always ended by a zero byte unless `size` is 0; returns the length that the
 * whole text has.
 */
size_t format_string(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t format_string_args(char *buffer, size_t size, const char *format, va_list args)
        __attribute__((format(printf, 3, 0)));

/* [any] The end of a word for what there is so many of: nothing for one, else "s". */
static inline const char *format_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

#endif
