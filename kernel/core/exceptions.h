/*
 * The CPU's exceptions in words (Intel SDM volume 3, chapter 6).
 */
#ifndef CORE_EXCEPTIONS_H
#define CORE_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exception {
	const char *name;
	const char *sentence; /* what it means */
};

/* [any] Of a vector below TRAP_EXCEPTIONS; the reserved ones have a name and a sentence too. */
const struct exception *exceptions_find(unsigned int vector);

/* Longest text that exceptions_describe_error writes, with its zero byte. */
#define EXCEPTIONS_TEXT_MAX 80

/*
 * [any] Says in words what the error code of this vector tells; `address` is CR2. An empty text where there is nothing
 * to say. Returns `text`.
 */
const char *exceptions_describe_error(unsigned int vector, uint64_t error, uint64_t address, char *text, size_t size);

/* [any] Does the CPU push an error code with it? */
bool exceptions_have_error(unsigned int vector);

#endif
