/*
 * The frame database, and the RAM it knows: opened in chunks of 16 MiB, each of which lies in one zone. Opening a chunk
 * maps its part of the database, with frames of the chunk itself, so memory that is never used costs nothing.
 */
#ifndef MM_CHUNK_H
#define MM_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "mm/buddy.h"
#include "mm/frames.h"
#include "paging.h"

#define CHUNK_FRAMES 4096u
#define CHUNK_COUNT  ((uint32_t)(FRAMES_END / PAGE_SIZE / CHUNK_FRAMES))

/* Where the database lies. A test on the host has it elsewhere. */
#ifndef CHUNK_DATABASE
#define CHUNK_DATABASE 0xffffe00000000000ull
#endif

/* Counts frames. Guarded by the lock of frames.c, as all of this. */
struct chunk_count {
	uint64_t total;    /* in open chunks and others */
	uint64_t unopened; /* usable, in chunks yet to be opened */
	uint64_t own;      /* what the database and its page tables take */
};
extern struct chunk_count chunk_count;

/* Bit n: chunk n is open, its part of the database is mapped. */
extern uint64_t chunk_open_bits[CHUNK_COUNT / 64];

/* [any] The entry of a frame in an open chunk. */
static inline struct frame *chunk_frame(uint32_t number)
{
	return (struct frame *)CHUNK_DATABASE + number;
}

/* [any] For a number below CHUNK_COUNT. */
static inline bool chunk_is_open(uint64_t chunk)
{
	return chunk_open_bits[chunk / 64] >> chunk % 64 & 1;
}

/* [any] Is a physical address in an open chunk? */
static inline bool chunk_has(uint64_t physical)
{
	uint64_t chunk = physical / (CHUNK_FRAMES * PAGE_SIZE);

	return chunk < CHUNK_COUNT && chunk_is_open(chunk);
}

/* [init] Counts what the loader's map has. */
void chunk_start(const struct boot_info *info);

/* [irq] Puts the memory of the first unopened chunk in [*next, end) into `buddy`, and moves *next on; false: none left.
 */
bool chunk_open_next(uint32_t *next, uint32_t end, struct buddy *buddy);

struct chunk_piece {
	uint64_t base, end;
};

/*
 * [init] From now on the loader's memory is usable but for `kept`, which ascend. `give` gets it in pieces that lie in
 * one chunk each.
 */
void chunk_reclaim(const struct chunk_piece kept[2], void (*give)(struct chunk_piece piece));

#endif
