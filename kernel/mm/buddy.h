/*
 * A buddy system: free blocks of 2^order frames in one list per order. A block whose other half (its buddy) is free,
 * too, is joined with it as soon as it comes back. Bookkeeping only: no memory is touched but the frame database.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include <stdint.h>

#include "mm/frames.h"

struct buddy {
	uint32_t first[FRAMES_ORDER_MAX + 1]; /* frame numbers; 0: the list is empty (frame 0 is never managed) */
	uint64_t free;                        /* frames in all lists */
};

/* [any] Takes a block out, splitting a larger one if need be; returns its first frame's number, 0 if there is none. */
uint32_t buddy_take(struct buddy *buddy, unsigned int order);

/* [any] Puts a block in, joined with its buddies. The database's entries of 4 MiB around it are there. */
void buddy_give(struct buddy *buddy, uint32_t number, unsigned int order);

/* [any] Puts the frames [number, end) in, as the largest blocks that fit. */
void buddy_give_range(struct buddy *buddy, uint32_t number, uint32_t end);

#endif
