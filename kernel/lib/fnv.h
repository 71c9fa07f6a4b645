/*
 * FNV-1a (Fowler, Noll, Vo), 32 bits: a check for text that is written piece by piece. It takes two instructions a
 * byte, can be gone on with, and needs no table.
 */
#ifndef LIB_FNV_H
#define LIB_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BASIS 2166136261u

/* [any] What the check becomes with a number more. */
static inline uint32_t fnv_word(uint32_t check, uint32_t word)
{
	return (check ^ word) * 16777619u;
}

/* [any] The same with `length` bytes more. */
static inline uint32_t fnv_bytes(uint32_t check, const void *data, size_t length)
{
	for (const uint8_t *byte = data; length > 0; length--)
		check = fnv_word(check, *byte++);
	return check;
}

#endif
