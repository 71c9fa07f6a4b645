/*
 * Memory and strings, with the C library's names and promises: the compiler itself calls the first four.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>

/* [any] Copies `size` bytes between areas that do not overlap; returns `to`. */
void *memcpy(void *to, const void *from, size_t size);

/* [any] As memcpy, for areas that may overlap. */
void *memmove(void *to, const void *from, size_t size);

/* [any] Fills `size` bytes with the low byte of `value`; returns `to`. */
void *memset(void *to, int value, size_t size);

/* [any] Compares as unsigned bytes: negative, 0 or positive. */
int memcmp(const void *a, const void *b, size_t size);

/* [any] Bytes before the zero byte. */
size_t strlen(const char *text);

/* [any] As strlen, but never looks past `limit` bytes and then returns `limit`. */
size_t strnlen(const char *text, size_t limit);

/* [any] Compares as unsigned bytes: negative, 0 or positive. */
int strcmp(const char *a, const char *b);

/* [any] As strcmp, over the first `limit` bytes at most. */
int strncmp(const char *a, const char *b, size_t limit);

/* [any] The first `wanted` in `text` (its closing zero byte counts), or NULL. */
char *strchr(const char *text, int wanted);

#endif
