/*
 * Numbers as people write them.
 */
#ifndef LIB_NUMBER_H
#define LIB_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * [any] The whole text as a number: hexadecimal behind "0x", else of `base`, 10 or 16. False if it is none, or more
 * than 64 bits hold.
 */
bool number_parse(const char *text, unsigned int base, uint64_t *number);

#endif
