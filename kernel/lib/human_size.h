/*
 * Sizes as people read them.
 */
#ifndef LIB_HUMAN_SIZE_H
#define LIB_HUMAN_SIZE_H

#include <stdint.h>

#define HUMAN_SIZE_MAX 16 /* of the longest text with its zero byte */

/* [any] Writes bytes, KiB, MiB, GiB or TiB with one digit behind the point unless that is 0, rounded down. Returns
 * `text`. */
const char *human_size(uint64_t bytes, char text[HUMAN_SIZE_MAX]);

#endif
