/*
 * The last lines that the log said: a ring of bytes, in which the oldest lines make room for new ones.
 */
#ifndef LIB_LOG_RING_H
#define LIB_LOG_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_RING_SIZE 16384u /* bytes, a power of two */
#define LOG_LINE_MAX  250u   /* bytes of a line; what is longer is kept as several */

/* All zero: empty. Who shares one locks it. */
struct log_ring {
	uint32_t oldest, end; /* positions: they count all bytes there ever were */
	uint32_t last;        /* of the last line */
	uint32_t seed;   /* of the lines' checks: lines that a ring with another one left there are none of its own */
	uint8_t is_open; /* the last line has not ended yet */
	uint8_t reserved[7];
	uint8_t bytes[LOG_RING_SIZE];
};

_Static_assert(sizeof(struct log_ring) == 24 + LOG_RING_SIZE, "the loader reads what a kernel left");

struct log_line {
	uint64_t stamp; /* as it was given, of the line's first piece */
	uint8_t level;
	uint8_t length;
	char text[LOG_LINE_MAX + 1]; /* without the end of the line; ends with a zero byte */
};

/* [any] Text is kept by lines: a piece without '\n' at its end is gone on with by the next one. Empty lines are left
 * out. Returns the first position at which the ring is another now. */
uint32_t log_ring_add(struct log_ring *ring, uint8_t level, uint64_t stamp, const char *text, size_t length);

/* [any] Makes it empty. What `bytes` hold does not matter. */
void log_ring_start(struct log_ring *ring, uint32_t seed);

/* [any] For a ring that was found in memory: may it be read? */
bool log_ring_is_sound(const struct log_ring *ring);

/*
 * [any] Copies the line at `*position` (0: the oldest, from which it also goes on where lines got lost in between), and
 * moves the position on to the next one. False at the end. Each line has a check: what is damaged is left out.
 */
bool log_ring_next(const struct log_ring *ring, uint32_t *position, struct log_line *line);

#endif
